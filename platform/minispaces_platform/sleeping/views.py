"""The section Sleep of a Space's settings. Pure."""

from dataclasses import dataclass
from datetime import datetime

from minispaces_contract.states import Stage
from minispaces_platform.models.sleeping import NEVER, SleepSetting, WarmTime
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.sleeping.rules import bounds, rule_of, sleep_seconds
from minispaces_platform.sleeping.warm import next_window, zones
from minispaces_platform.sleeping.words import days, hours, window_words
from minispaces_platform.spaces.queries import SpaceNow
from minispaces_platform.wording import duration

DEFAULT = "default"
_OFFERED = (300, 900, 3600, 6 * 3600, 86_400, 2 * 86_400, 7 * 86_400, NEVER)


@dataclass(frozen=True, slots=True)
class SleepChoice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class WarmWords:
    id: str
    days: str
    hours: str
    zone: str
    next: str
    """Of a weekly time; empty while it lasts."""


@dataclass(frozen=True, slots=True)
class SleepSection:
    choices: tuple[SleepChoice, ...]
    sentence: str
    times: tuple[WarmWords, ...]
    next: str
    """What keeps it warm next, or now; empty without any time to come."""
    zone: str
    zones: tuple[str, ...]
    can_sleep: bool
    can_wake: bool


def section_of(
    now: SpaceNow, setting: SleepSetting | None, settings: PlatformSettings, *, at: datetime
) -> SleepSection:
    coming = [(window, time) for time in (setting.warm.times if setting else ()) if (window := next_window(time, at))]
    coming.sort(key=lambda each: each[0])
    opens = now.opens is not None and now.space.taken_down_at is None
    return SleepSection(
        choices=_choices(setting, settings),
        sentence=_sentence(setting, settings, at),
        times=tuple(_time_words(time, window, at) for window, time in coming),
        next=_next_words(*coming[0], at=at) if coming else "",
        zone=coming[-1][1].zone if coming else settings.time_zone,
        zones=zones(),
        can_sleep=opens and now.stage is not Stage.SLEEPING,
        can_wake=opens and now.stage is Stage.SLEEPING,
    )


def _choices(setting: SleepSetting | None, settings: PlatformSettings) -> tuple[SleepChoice, ...]:
    chosen = None if setting is None or setting.seconds is None else sleep_seconds(setting, settings)
    shortest, longest = bounds(settings)
    offered = {each for each in _OFFERED if longest == NEVER or shortest <= each <= longest} | {chosen or NEVER}
    if chosen is None and longest != NEVER:
        offered -= {NEVER}
    usual = SleepChoice(DEFAULT, f"As usual here: {_after(sleep_seconds(None, settings))}", chosen is None)
    ordered = sorted(offered, key=lambda each: (each == NEVER, each))
    return (usual, *(SleepChoice(str(each), _after(each).capitalize(), each == chosen) for each in ordered))


def _after(seconds: int) -> str:
    return "never" if seconds == NEVER else f"after {duration(seconds)}"


def _sentence(setting: SleepSetting | None, settings: PlatformSettings, at: datetime) -> str:
    rule = rule_of(setting, settings, now=at)
    if rule.stop_after is None:
        return "It goes on working without visitors."
    stops = f"After {duration(round(rule.stop_after))} without visitors it stops, and starts anew for the next one."
    if rule.freeze_after is None:
        return stops
    return f"After {duration(round(rule.freeze_after))} it holds still, which nobody notices. {stops}"


def _time_words(time: WarmTime, window: tuple[datetime, datetime], at: datetime) -> WarmWords:
    later = time.day is None and at < window[0]
    return WarmWords(time.id, days(time), hours(time), time.zone, window_words(window, time.zone) if later else "")


def _next_words(window: tuple[datetime, datetime], time: WarmTime, *, at: datetime) -> str:
    lead = "Kept warm next" if at < window[0] else "Kept warm now"
    return f"{lead}: {window_words(window, time.zone)} ({time.zone})."
