"""Whether this machine runs short of memory, and whether it has swap."""

import re
from pathlib import Path

_MOST_STALLED = 20.0
"""Percent of the last ten seconds in which some process waited for memory."""
_STALL = re.compile(r"^some avg10=([\d.]+)", re.MULTILINE)
_ROW = re.compile(r"^(MemTotal|MemAvailable|SwapTotal):\s+(\d+)", re.MULTILINE)


def is_short(meminfo: str, stalls: str, *, low_percent: float) -> bool:
    """From /proc/meminfo and /proc/pressure/memory, which not every kernel has."""
    rows = {name: int(amount) for name, amount in _ROW.findall(meminfo)}
    low = rows.get("MemAvailable", 1) * 100 < rows.get("MemTotal", 0) * low_percent
    stalled = _STALL.search(stalls)
    return low or (stalled is not None and float(stalled[1]) > _MOST_STALLED)


def has_swap(meminfo: str) -> bool:
    return any(name == "SwapTotal" and int(amount) > 0 for name, amount in _ROW.findall(meminfo))


def read_meminfo() -> str:
    return Path("/proc/meminfo").read_text()


def read_stalls() -> str:
    try:
        return Path("/proc/pressure/memory").read_text()
    except OSError:
        return ""
