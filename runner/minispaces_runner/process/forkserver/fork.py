"""Asking a fork server for a child, and making its jail from outside: the user, then whatever the caller adds."""

import json
import os
import socket
import struct
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from typing import Any

from minispaces_runner.process.folder import Folder
from minispaces_runner.process.forkserver.kinds import Program
from minispaces_runner.process.forkserver.trees import open_tree
from minispaces_runner.process.identity import parent_of
from minispaces_runner.process.jail import APP, DATA, HOME, HOSTNAME, SCRATCH, USER, Jail, app_limits, shown
from minispaces_runner.process.sandbox import most_open_files

_CREDENTIALS = struct.Struct("3i")
_SECONDS = 20


class NotForkedError(Exception):
    """Why an app cannot be forked, as half a sentence for the app's log. `lasting` when it lies with the app."""

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.lasting = lasting


@dataclass(slots=True)
class Forked:
    """A child that has its namespaces, and waits. As `Sandbox`, but nobody here is its parent."""

    init_pid: int
    outer_pid: int
    _connection: socket.socket

    @property
    def children(self) -> list[subprocess.Popen[bytes]]:
        return []

    def release(self) -> None:
        """Let the app begin, and hear that it has. Raises NotForkedError."""
        with self._connection:
            try:
                self._connection.send(b"go")
            except OSError:
                raise NotForkedError("it ended before it began") from None
            _receive(self._connection)

    def abandon(self) -> None:
        """End it before the app has begun."""
        self._connection.close()
        with suppress(ProcessLookupError):
            os.kill(self.init_pid, SIGKILL)


def fork(connection: socket.socket, program: Program, jail: Jail, *, folder: Folder) -> Forked:
    """A child that waits for `release`. Raises NotForkedError; then the connection is closed."""
    try:
        _ask(connection, program, jail, folder=folder)
        init = _receive(connection)
        outer = parent_of(init)
        with folder.status.open("a") as status:
            status.write(json.dumps({"child-pid": init}) + "\n")
        _map_user(init, jail.uid)
        return Forked(init, outer, connection)
    except OSError as error:
        connection.close()
        raise NotForkedError(f"this machine does not let it ({error.strerror})") from error
    except NotForkedError:
        connection.close()
        raise


def request_of(program: Program, jail: Jail, *, most_files: int) -> dict[str, Any]:
    """What `inside/enter.py` reads."""
    limits = {f"RLIMIT_{name.upper()}": both for name, both in app_limits(most_files).items()}
    return {
        "argv": program.argv,
        "file": program.file,
        "module": program.module,
        "env": dict(jail.env),
        "cwd": APP,
        "user": USER,
        "scratch": [*SCRATCH, *([DATA] if jail.scratch_storage else [])],
        "below_scratch": [str(path) for path in shown(jail) if path.is_relative_to("/tmp")],  # noqa: S108  a name
        "scratch_bytes": jail.scratch_bytes,
        "mounts": list(_mounts(jail)),
        "hostname": HOSTNAME,
        "limits": limits,
    }


def _mounts(jail: Jail) -> Mapping[str, Path]:
    return {HOME: jail.home} | ({DATA: jail.storage} if jail.storage else {})


def _ask(connection: socket.socket, program: Program, jail: Jail, *, folder: Folder) -> None:
    with ExitStack() as stack:
        request = stack.enter_context(os.fdopen(os.memfd_create("request"), "w+"))
        json.dump(request_of(program, jail, most_files=most_open_files()), request)
        request.seek(0)
        passed = [request, *(stack.enter_context(path.open("ab")) for path in (folder.log, folder.status))]
        trees = [open_tree(path) for path in _mounts(jail).values()]
        for tree in trees:
            stack.callback(os.close, tree)
        socket.send_fds(connection, [b"fork"], [*(each.fileno() for each in passed), *trees])


def _receive(connection: socket.socket) -> int:
    """The sender's process number, which the kernel vouches for. Raises NotForkedError with what it said instead."""
    connection.settimeout(_SECONDS)
    try:
        said, extra, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(_CREDENTIALS.size))
    except TimeoutError:
        raise NotForkedError("the fork server does not answer") from None
    if not said:
        raise NotForkedError("it ended before it began")
    if said != b"{}":
        raise NotForkedError(_reason(said), lasting=True)
    for _level, kind, data in extra:
        if kind == socket.SCM_CREDENTIALS:
            return int(_CREDENTIALS.unpack(data)[0])
    raise NotForkedError("the fork server did not say who it is")


def _reason(said: bytes) -> str:
    """From inside the jail, where anything may be said."""
    try:
        reason = str(json.loads(said)["refused"])
    except (ValueError, KeyError, TypeError):
        reason = ""
    return "".join(each for each in reason if each.isprintable())[:300] or "it could not be forked"


def _map_user(pid: int, uid: int | None) -> None:
    """One user, and no group but its own. The kernel allows this once, and only for a namespace that is not ours."""
    process = Path("/proc", str(pid))
    (process / "setgroups").write_text("deny")
    for name in ("uid_map", "gid_map"):
        (process / name).write_text(f"{USER} {uid} 1")
