"""How long an app waits for visitors: what was chosen for it, within what the installation allows. Pure."""

from datetime import datetime

from minispaces_contract.messages import SleepRule
from minispaces_platform.errors import InvalidError
from minispaces_platform.models.sleeping import NEVER, SleepSetting, WarmTime
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.sleeping.warm import windows
from minispaces_platform.wording import duration


def sleep_seconds(setting: SleepSetting | None, settings: PlatformSettings) -> int:
    """NEVER for an app that does not sleep. What was chosen under wider bounds is brought into those of now."""
    chosen = setting.seconds if setting and setting.seconds is not None else _default(settings)
    shortest, longest = bounds(settings)
    if chosen == NEVER:
        return NEVER if longest == NEVER else longest
    return max(shortest, chosen if longest == NEVER else min(chosen, longest))


def bounds(settings: PlatformSettings) -> tuple[int, int]:
    """The shortest and the longest that may be chosen; NEVER for no end."""
    return round(settings.shortest_sleep_minutes * 60), round(settings.longest_sleep_hours * 3600) or NEVER


def check_sleep_seconds(seconds: int, settings: PlatformSettings) -> int:
    """Raises InvalidError for what is out of bounds; every negative number is the Hub's never."""
    shortest, longest = bounds(settings)
    if seconds < 0 and longest == NEVER:
        return NEVER
    if seconds < shortest or (longest != NEVER and seconds > longest):
        most = "or never" if longest == NEVER else f"and at most {duration(longest)}"
        raise InvalidError(f"An app sleeps after at least {duration(shortest)}, {most}.", hint="Nothing was changed.")
    return min(seconds, 2**31 - 1)


def rule_of(setting: SleepSetting | None, settings: PlatformSettings, *, now: datetime) -> SleepRule:
    """For the runner. An app that never sleeps is not frozen either: it may work without visitors."""
    seconds, frozen = sleep_seconds(setting, settings), settings.freeze_after_minutes * 60
    return SleepRule(
        freeze_after=frozen if 0 < frozen < seconds else None,
        stop_after=None if seconds == NEVER else seconds,
        warm=tuple((start.timestamp(), end.timestamp()) for start, end in windows(_times(setting), now)),
        asleep_since=_epoch(setting.asleep_since if setting else None),
        awake_since=_epoch(setting.awake_since if setting else None),
    )


def _default(settings: PlatformSettings) -> int:
    return round(settings.sleep_after_hours * 3600) or NEVER


def _times(setting: SleepSetting | None) -> tuple[WarmTime, ...]:
    return setting.warm.times if setting else ()


def _epoch(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
