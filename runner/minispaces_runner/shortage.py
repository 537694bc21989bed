"""Whether this machine runs short of memory, and whether it has swap."""

import re
from pathlib import Path

from minispaces_runner.settings import RunnerSettings
from minispaces_runner.tiers import Machine

_MOST_STALLED = 20.0
"""Percent of the last ten seconds in which some process waited for memory."""
_STALL = re.compile(r"^some avg10=([\d.]+)", re.MULTILINE)
_ROW = re.compile(r"^(MemTotal|MemAvailable|SwapTotal):\s+(\d+)", re.MULTILINE)


def look_at_memory(settings: RunnerSettings, *, can_freeze: bool) -> Machine:
    meminfo = Path("/proc/meminfo").read_text()
    return Machine(
        can_freeze=can_freeze,
        has_swap=has_swap(meminfo),
        is_short=is_short(meminfo, _read_stalls(), low_percent=settings.low_memory_percent),
        page_out_after=settings.page_out_seconds,
    )


def is_short(meminfo: str, stalls: str, *, low_percent: float) -> bool:
    """From /proc/meminfo and /proc/pressure/memory, which not every kernel has."""
    rows = {name: int(amount) for name, amount in _ROW.findall(meminfo)}
    low = rows.get("MemAvailable", 1) * 100 < rows.get("MemTotal", 0) * low_percent
    stalled = _STALL.search(stalls)
    return low or (stalled is not None and float(stalled[1]) > _MOST_STALLED)


def has_swap(meminfo: str) -> bool:
    return any(name == "SwapTotal" and int(amount) > 0 for name, amount in _ROW.findall(meminfo))


def _read_stalls() -> str:
    try:
        return Path("/proc/pressure/memory").read_text()
    except OSError:
        return ""
