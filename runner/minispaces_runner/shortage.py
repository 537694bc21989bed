"""Whether this machine runs short of memory, and whether it has swap."""

import re
from pathlib import Path

from minispaces_runner.machine import parse_meminfo
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.tiers import Machine

_MOST_STALLED = 20.0
"""Percent of the last ten seconds in which some process waited for memory."""
_STALL = re.compile(r"^some avg10=([\d.]+)", re.MULTILINE)


def look_at_memory(settings: RunnerSettings, *, can_freeze: bool) -> Machine:
    meminfo = Path("/proc/meminfo").read_text()
    return Machine(
        can_freeze=can_freeze,
        has_swap=has_swap(meminfo),
        is_short=is_short(meminfo, _read_stalls(), low_percent=settings.low_memory_percent),
        page_out_after=settings.page_out_seconds,
        warm_slots=settings.warm_slots,
    )


def is_short(meminfo: str, stalls: str, *, low_percent: float) -> bool:
    """From /proc/meminfo and /proc/pressure/memory, which not every kernel has."""
    rows = parse_meminfo(meminfo)
    low = rows.get("MemAvailable", 1) * 100 < rows.get("MemTotal", 0) * low_percent
    stalled = _STALL.search(stalls)
    return low or (stalled is not None and float(stalled[1]) > _MOST_STALLED)


def has_swap(meminfo: str) -> bool:
    return parse_meminfo(meminfo).get("SwapTotal", 0) > 0


def _read_stalls() -> str:
    try:
        return Path("/proc/pressure/memory").read_text()
    except OSError:
        return ""
