"""Times in which an app is kept warm, from the clocks of a place to moments. Pure.

Where a clock skips an hour, or shows one twice, a time begins as early and ends as late as it can be read.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from minispaces_platform.models.sleeping import WarmTime

AHEAD = timedelta(days=2)
"""How far the runner is told; it asks again much sooner."""
_DAY = timedelta(days=1)
_WEEK = 7

Window = tuple[datetime, datetime]


@cache
def zones() -> tuple[str, ...]:
    """Places, and UTC; without the names that are kept for old programs."""
    areas = {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
    return ("UTC", *sorted(name for name in available_timezones() if name.split("/")[0] in areas))


def check_zone(name: str) -> str:
    """Raises ValueError."""
    if name not in zones():
        raise ValueError(f"there is no time zone {name[:60]!r}; say Europe/Berlin, or UTC")
    return name


def windows(times: Iterable[WarmTime], now: datetime, *, ahead: timedelta = AHEAD) -> tuple[Window, ...]:
    """Those that last yet or begin within `ahead`, in their order; what overlaps is one."""
    return tuple(_merged(sorted(window for each in times for window in _coming(each, now, now + ahead))))


def next_window(time: WarmTime, now: datetime) -> Window | None:
    """None for one that is over."""
    until = now + _DAY * (_WEEK + 1) if time.day is None else datetime.max.replace(tzinfo=UTC)
    return min(_coming(time, now, until), default=None)


def _coming(each: WarmTime, now: datetime, until: datetime) -> Iterator[Window]:
    zone = ZoneInfo(each.zone)
    for day in _days(each, now.astimezone(zone).date(), until):
        start, end = _window(each, day, zone)
        if start < end and now < end and start < until:
            yield start, end


def _days(each: WarmTime, today: date, until: datetime) -> Iterator[date]:
    """From yesterday on, whose window may last over midnight."""
    if each.day is not None:
        yield each.day
        return
    day = today - _DAY
    while day <= until.date() + _DAY:
        if day.weekday() in each.weekdays:
            yield day
        day += _DAY


def _window(each: WarmTime, day: date, zone: ZoneInfo) -> Window:
    last = day if each.start < each.end else day + _DAY
    return min(_readings(day, each.start, zone)), max(_readings(last, each.end, zone))


def _readings(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Both are one moment, but for a time that the clock shows twice, or skips."""
    local = datetime.combine(day, clock, tzinfo=zone)
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)


def _merged(found: list[Window]) -> Iterator[Window]:
    lasts: Window | None = None
    for window in found:
        if lasts and window[0] <= lasts[1]:
            lasts = lasts[0], max(lasts[1], window[1])
            continue
        if lasts:
            yield lasts
        lasts = window
    if lasts:
        yield lasts
