"""What Python's own library has no words for: namespaces, mounts and rights, by ctypes."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

NEW_MOUNTS, NEW_CGROUP, NEW_NAMES, NEW_IPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEW_USERS, NEW_PIDS, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
NO_SUID, NO_DEVICES, NO_PROGRAMS = 2, 4, 8
_CURRENT_FOLDER, _CLONE, _EMPTY_PATH = -100, 1, 4
_OPEN_TREE, _MOVE_MOUNT = 428, 429
"""Numbers of system calls, the same on every architecture."""
_SET_DUMPABLE, _SET_NAME, _DROP_FROM_BOUNDING_SET = 4, 15, 24
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_ARGUMENTS_BEGIN, _ARGUMENTS_END = 45, 46
"""Fields of /proc/PID/stat after the name."""
_CAPABILITIES_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    _check(_libc.unshare(flags), "unshare")


def mount(kind: str, target: str, flags: int, options: str = "") -> None:
    words = (kind.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _check(_libc.mount(*words), f"mount {target}")


def copy_of(path: str) -> int:
    """A mount of its own for what is at `path`, which has no place yet."""
    tree = int(_libc.syscall(_OPEN_TREE, _CURRENT_FOLDER, path.encode(), _CLONE | os.O_CLOEXEC))
    _check(min(tree, 0), f"copy {path}")
    return tree


def attach(tree: int, target: str) -> None:
    """Put a mount that has no place yet, given as a descriptor, at `target`."""
    code = _libc.syscall(_MOVE_MOUNT, tree, b"", _CURRENT_FOLDER, target.encode(), _EMPTY_PATH)
    _check(code, f"attach {target}")


def raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack_from("16sh", fcntl.ioctl(any_socket, _GET_FLAGS, request))[1]
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


def drop_rights() -> None:
    """For good: they are in no set any more, and no program can bring them back."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for right in range(last + 1):
        _check(_libc.prctl(_DROP_FROM_BOUNDING_SET, right, 0, 0, 0), "bounding set")
    header, nothing = struct.pack("Ii", _CAPABILITIES_3, 0), bytes(24)
    _check(_libc.capset(header, nothing), "capset")


def be_inspectable() -> None:
    """As after the start of a program: a change of user had closed our own /proc/self to us."""
    _check(_libc.prctl(_SET_DUMPABLE, 1, 0, 0, 0), "dumpable")


def name_process(name: str) -> None:
    _libc.prctl(_SET_NAME, name.encode(), 0, 0, 0)


def show_as(command: list[str]) -> None:
    """What `ps` says: the kernel reads it from where this process's first arguments lie."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    begin, end = int(fields[_ARGUMENTS_BEGIN]), int(fields[_ARGUMENTS_END])
    words = b"".join(os.fsencode(word) + b"\0" for word in command)[: end - begin - 1]
    ctypes.memmove(begin, words.ljust(end - begin, b"\0"), end - begin)


def give_back_memory() -> None:
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)


def _check(code: int, what: str) -> None:
    if code != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
