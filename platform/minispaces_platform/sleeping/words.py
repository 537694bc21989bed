"""How times of sleep and of being awake read. Pure."""

from zoneinfo import ZoneInfo

from minispaces_platform.models.sleeping import WarmTime
from minispaces_platform.sleeping.warm import Window

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WHOLE = {tuple(range(7)): "Every day", tuple(range(5)): "Monday to Friday", (5, 6): "Saturday and Sunday"}


def days(time: WarmTime) -> str:
    """`Tuesday`, `Monday to Friday`, `Mon, Wed`, `1 December 2026`."""
    if time.day is not None:
        return f"{time.day.day} {time.day:%B %Y}"
    weekdays = tuple(sorted(time.weekdays))
    if len(weekdays) == 1:
        return DAYS[weekdays[0]]
    return _WHOLE.get(weekdays) or ", ".join(DAYS[each][:3] for each in weekdays)


def hours(time: WarmTime) -> str:
    over = " the day after" if time.end <= time.start else ""
    return f"{time.start:%H:%M} to {time.end:%H:%M}{over}"


def window_words(window: Window, zone: str) -> str:
    """`Tuesday 1 December, 15:00 to 16:00`, on the clocks of `zone`."""
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in window)
    return f"{DAYS[start.weekday()]} {start.day} {start:%B}, {start:%H:%M} to {end:%H:%M}"
