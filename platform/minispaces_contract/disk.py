"""When a disk counts as full: one rule for pushes and builds."""

import shutil
from pathlib import Path

_FLOOR_SHARE = 0.05
_FLOOR_MOST = 20e9
"""On a large disk this is room enough, whatever share of it that is."""


def gigabytes_free_when_full(data: Path, *, floor_gb: float) -> float | None:
    """None while there is room."""
    usage = shutil.disk_usage(data)
    return usage.free / 1e9 if is_full(usage.free, usage.total, floor_gb=floor_gb) else None


def is_full(free: int, total: int, *, floor_gb: float) -> bool:
    """In bytes, but for the floor."""
    return free < floor_gb * 1e9 or free < min(total * _FLOOR_SHARE, _FLOOR_MOST)
