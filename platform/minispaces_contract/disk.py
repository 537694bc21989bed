"""Disks that fill up: when one counts as full, by one rule for pushes and builds, and files that are written whole."""

import os
import shutil
from pathlib import Path

_FLOOR_SHARE = 0.05
_FLOOR_MOST = 20e9
"""On a large disk this is room enough, whatever share of it that is."""
_FLOOR_MOST_FILES = 10_000


def left_when_full(data: Path, *, floor_gb: float) -> str | None:
    """What room there still is, in words; None while there is enough."""
    usage, files = shutil.disk_usage(data), os.statvfs(data)
    if is_full(usage.free, usage.total, floor_gb=floor_gb):
        return f"{usage.free / 1e9:.1f} GB left"
    if is_full_of_files(files.f_favail, files.f_files):
        return f"room for {files.f_favail:,} more files"
    return None


def is_full(free: int, total: int, *, floor_gb: float) -> bool:
    """In bytes, but for the floor."""
    return free < floor_gb * 1e9 or free < min(total * _FLOOR_SHARE, _FLOOR_MOST)


def is_full_of_files(free: int, total: int) -> bool:
    """Some file systems have no limit, and say 0."""
    return free < min(total * _FLOOR_SHARE, _FLOOR_MOST_FILES)


def write_whole(path: Path, text: str, *, mode: int | None = None) -> None:
    """A disk that is full, or a crash, leaves what was there; a file that says so already is not touched."""
    if path.exists() and path.read_text(errors="replace") == text:
        return
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        new.touch(mode=mode or 0o666)
        new.write_text(text)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
