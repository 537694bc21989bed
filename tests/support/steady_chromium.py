#!/usr/bin/env python3
"""Chromium that does not notice other tests' networks come and go.

It drops every request in flight (`ERR_NETWORK_CHANGED`) when any interface of the machine gets or loses an address,
and each app that starts beside it brings one. Where it may open no netlink socket, it takes the network for steady.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

_SOCKET_CALL = {"x86_64": 41, "aarch64": 198}[platform.machine()]
_AF_NETLINK = 16
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF_0000, 0x0005_0000 | errno.EAFNOSUPPORT
_CALL_NUMBER_AT, _FIRST_ARGUMENT_AT = 0, 16


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _refuse_netlink() -> None:
    instructions = [
        (_LOAD, 0, 0, _CALL_NUMBER_AT),
        (_JUMP_IF_EQUAL, 0, 3, _SOCKET_CALL),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_JUMP_IF_EQUAL, 0, 1, _AF_NETLINK),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    program = _Program(len(instructions), b"".join(struct.pack("HBBI", *each) for each in instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


if __name__ == "__main__":
    _refuse_netlink()
    os.execv("/usr/bin/chromium", ["chromium", *sys.argv[1:]])
