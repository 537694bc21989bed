"""Moving the memory of processes to swap: process_madvise(2), whatever the version of control groups."""

import ctypes
import errno
import os
import re
from collections.abc import Iterable
from pathlib import Path

_PROCESS_MADVISE = 440
_MADV_PAGEOUT = 21
_AT_ONCE = 512
_REGION = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (?!.*\[v)", re.MULTILINE)
"""Without the pages that the kernel lends to every process."""


class _Region(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def page_out(pids: Iterable[int]) -> None:
    """Those that are gone meanwhile, or that we may not touch, are passed over."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            continue
        try:
            _page_out(handle, regions_of(Path(f"/proc/{pid}/maps").read_text()))
        except OSError:
            continue
        finally:
            os.close(handle)


def regions_of(maps: str) -> list[tuple[int, int]]:
    """Start and length of each region."""
    return [(int(begin, 16), int(end, 16) - int(begin, 16)) for begin, end in _REGION.findall(maps)]


def _page_out(handle: int, regions: list[tuple[int, int]]) -> None:
    """The kernel stops at a region that it cannot move; we go on behind it."""
    for at in range(0, len(regions), _AT_ONCE):
        left = regions[at : at + _AT_ONCE]
        while left:
            done = _advise(handle, left)
            while left and done >= left[0][1]:
                done -= left.pop(0)[1]
            left = left[1:]


def _advise(handle: int, regions: list[tuple[int, int]]) -> int:
    """Bytes of whole regions that the kernel took. Raises OSError where we may not, or the process is gone."""
    vector = (_Region * len(regions))(*(_Region(*each) for each in regions))
    taken = int(_syscall(_PROCESS_MADVISE, handle, ctypes.byref(vector), len(regions), _MADV_PAGEOUT, 0))
    if taken < 0 and (number := ctypes.get_errno()) in {errno.EPERM, errno.ESRCH, errno.ENOSYS, errno.EBADF}:
        raise OSError(number, os.strerror(number))
    return max(0, taken)


_syscall = ctypes.CDLL(None, use_errno=True).syscall
_syscall.restype = ctypes.c_long
