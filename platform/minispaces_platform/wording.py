"""How times, durations, sizes and other people's text read on a page. Pure; the filters of the templates."""

import re
from datetime import datetime

from minispaces_platform.clock import now

_STEPS = ((60, "second"), (60, "minute"), (24, "hour"), (30, "day"), (12, "month"))
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)


def ago(moment: datetime) -> str:
    """`4 minutes ago`; static/js/times.js says the same words later."""
    amount = max(0, int((now() - moment).total_seconds()))
    if amount < 5:  # noqa: PLR2004 - clocks of two machines differ by that much
        return "just now"
    for size, unit in _STEPS:
        if amount < size:
            return f"{amount} {unit}{'' if amount == 1 else 's'} ago"
        amount //= size
    return f"{amount} year{'' if amount == 1 else 's'} ago"


def seconds(value: float) -> str:
    """`0.3 s`, `42 s`, `3 min 05 s`."""
    if value < 10:  # noqa: PLR2004 - tenths matter only in small numbers
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def duration(value: int) -> str:
    """`2 days`, `90 minutes`: a number of seconds in the largest unit that needs no fraction."""
    units = ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next((size, unit) for size, unit in units if value % size == 0 and value >= size)
    count = value // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def size(count: int) -> str:
    """Bytes as `12 kB`, `3.4 MB`, `1.2 TB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004 - the SI's step
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"


def memory(count: int) -> str:
    """Bytes of memory as `512 MiB`, `1.9 GiB`: hardware is named in powers of two."""
    value = count / 2**20
    return f"{value:.3g} MiB" if value < 1000 else f"{value / 1024:.3g} GiB"  # noqa: PLR2004 - three digits


def tidy(text: str, limit: int = 200) -> str:
    """One line of somebody's text without control and direction characters, which rewrite what stands beside them."""
    line = " ".join(_UNSEEN.sub("", text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def typed(text: str, limit: int) -> str:
    """What somebody wrote in several lines, as a database takes it: without NUL, and with lines that end alike."""
    return text.replace("\0", "").replace("\r\n", "\n").strip()[:limit]


def short(count: int) -> str:
    """`999`, `1.2k`, `34k`, `1.2M`."""
    for step, unit in ((1_000_000, "M"), (1_000, "k")):
        if count >= step:
            tenths = count * 10 // step
            return f"{tenths // 10}{unit}" if tenths >= 100 or tenths % 10 == 0 else f"{tenths / 10}{unit}"  # noqa: PLR2004 - 10 of the unit
    return str(count)


def visible(text: str) -> str:
    """Somebody's text as it is, but for what hides in it or rewrites what stands beside it: that is named instead."""
    return _HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
