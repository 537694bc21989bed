"""From a child of the fork server to process 2 of a jail of its own: what bubblewrap does, without starting a program.

Three processes: the outer one reports the exit code, as bubblewrap's does; the inner one is process 1 of the app's
own namespaces; its child becomes the app. The child has no rights that it could lose: it gets them by a user
namespace of its own, in which the runner, from outside, maps one single user, the Space's.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
from pathlib import Path
from typing import Any, NoReturn

from . import become, kernel

FEWEST = 3
"""The request, the log and the status file; what is mounted follows."""
_SIGNALLED = 128
_APART = (
    kernel.NEW_USERS | kernel.NEW_MOUNTS | kernel.NEW_PIDS | kernel.NEW_NETWORK
    | kernel.NEW_IPC | kernel.NEW_NAMES | kernel.NEW_CGROUP
)  # fmt: skip


def enter(runner: socket.socket, descriptors: list[int]) -> dict[str, Any]:
    """Comes back only as the app."""
    asked, log, status, *trees = descriptors
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(log, 1)
        os.dup2(log, 2)
        kernel.unshare(_APART)
        init = os.fork()
    except OSError as error:
        _refuse(runner, str(error))
    if init:
        _report(init, status, keep=(status,))
    with os.fdopen(asked) as file:
        request: dict[str, Any] = json.load(file)
    return _live(runner, request, trees)


def _report(init: int, status: int, *, keep: tuple[int, ...]) -> NoReturn:
    """The outer process: write down how the inner one ended."""
    kernel.name_process("outer")
    _close_all_but(keep)
    code = _await(init)
    os.write(status, json.dumps({"exit-code": code}).encode() + b"\n")
    os._exit(0)


def _live(runner: socket.socket, request: dict[str, Any], trees: list[int]) -> dict[str, Any]:
    """Process 1: wait for cables and limits, build the view, and stay to take away who ends."""
    try:
        runner.send(b"{}")  # the kernel adds our process number
        if runner.recv(16) != b"go":
            os._exit(1)
        _build_view(request, trees)
        if hidden := become.shadowed(request):
            _refuse(runner, f"its file {hidden} stands for a package that is loaded already")
        os.chdir(request["cwd"])
        app = os.fork()
    except OSError as error:
        _refuse(runner, str(error))
    if app == 0:
        _take_limits(request)
        runner.close()
        _close_all_but(())
        return request
    runner.send(b"{}")
    kernel.name_process("init")
    kernel.drop_rights()
    _close_all_but(())
    os._exit(_await(app))


def _build_view(request: dict[str, Any], trees: list[int]) -> None:
    """What differs between the apps of one fork server; the rest is the server's own, which nobody can write."""
    os.setresgid(*[request["user"]] * 3)
    os.setresuid(*[request["user"]] * 3)
    apart = kernel.NO_SUID | kernel.NO_DEVICES
    kernel.mount("proc", "/proc", apart | kernel.NO_PROGRAMS)
    kernel.mount("devpts", "/dev/pts", kernel.NO_SUID | kernel.NO_PROGRAMS, "newinstance,ptmxmode=0666,mode=620")
    hidden = [(kernel.copy_of(path), path) for path in request["below_scratch"]]
    for path in request["scratch"]:
        kernel.mount("tmpfs", path, apart, f"mode=1777,size={request['scratch_bytes']}")
    for _, path in hidden:
        Path(path).mkdir(parents=True, exist_ok=True)
    for tree, target in [*hidden, *zip(trees, request["mounts"])]:  # noqa: B905  # comes with Python 3.10
        kernel.attach(tree, target)
    kernel.raise_loopback()


def _take_limits(request: dict[str, Any]) -> None:
    """The app's own: its limits, and no right at all."""
    for name, (soft, hard) in request["limits"].items():
        resource.setrlimit(getattr(resource, name), (soft, hard))
    kernel.drop_rights()
    kernel.be_inspectable()


def _await(child: int) -> int:
    """The child's exit code, in a shell's way; others that end meanwhile are taken away."""
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else _SIGNALLED - code


def _refuse(runner: socket.socket, reason: str) -> NoReturn:
    runner.send(json.dumps({"refused": reason}).encode())
    os._exit(1)


def _close_all_but(keep: tuple[int, ...]) -> None:
    lowest = 3
    for each in sorted(keep):
        os.closerange(lowest, each)
        lowest = each + 1
    os.closerange(lowest, 1 << 16)
