"""One fork server: a jail like an app's, under a user id of its own, without network, secrets or a writable disk."""

import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from minispaces_runner.process.folder import Folder
from minispaces_runner.process.forkserver import inside
from minispaces_runner.process.forkserver.kinds import Kind
from minispaces_runner.process.identity import ProcessIdentity, boot_id, children, identify
from minispaces_runner.process.jail import DATA, Jail, app_limits, jail_arguments, limited, without_rights
from minispaces_runner.process.output import last_lines
from minispaces_runner.process.sandbox import most_open_files, open_sandbox, root_links

PROGRAMS = "/run/minispaces/minispaces_forkserver"
_LEVEL = "3"
_BEGIN = """import sys; sys.path.insert(0, "/run/minispaces")
from minispaces_forkserver.serve import main; main(*sys.argv[1:])"""
_SCRATCH = 16 << 20


class Running(BaseModel):
    """What is on disk of a server. Written last."""

    model_config = ConfigDict(frozen=True)

    key: str
    boot_id: str
    view: str
    """What its apps see of the machine besides their own files; it changes with the name servers."""
    sandbox: ProcessIdentity
    init: ProcessIdentity
    """Process 1 around the server and its children: it stays until the last of them has gone."""


@dataclass(frozen=True, slots=True)
class Server:
    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def state(self) -> Path:
        return self.path / "state.json"

    def read(self) -> Running | None:
        try:
            running = Running.model_validate_json(self.state.read_bytes())
        except (OSError, ValueError):
            return None
        return running if running.boot_id == boot_id() else None

    def is_up(self) -> bool:
        """Whether it forks, or will."""
        running = self.read()
        return bool(running and running.sandbox.is_alive() and "exit-code" not in Folder(self.path).reported())

    def holds_apps(self) -> bool:
        running = self.read()
        return bool(running and running.init.is_alive())

    def was_ready(self) -> bool:
        return any(line.startswith("warm: ") for line in last_lines(Folder(self.path).log, 20))

    def connect(self) -> socket.socket | None:
        """A way to it; None while it is not ready, or no longer there."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        connection.settimeout(20)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        try:
            with _short(self.path) as path:
                connection.connect(f"{path}/socket")
        except OSError:
            connection.close()
            return None
        return connection

    def end(self) -> None:
        """The server only: its apps go on."""
        running = self.read()
        if running and self.is_up():
            for child in children(running.init.pid):
                child.send(signal.SIGKILL)
            running.sandbox.wait(5)

    def kill(self) -> None:
        """With all its apps."""
        if running := self.read():
            running.init.send(signal.SIGKILL)
            running.init.wait(5)
            running.sandbox.send(signal.SIGKILL)
            running.sandbox.wait(5)


def start_server(server: Server, kind: Kind, jail: Jail, *, view: str) -> tuple[Running, subprocess.Popen[bytes]]:
    """Begin to warm it up. Raises EngineError and OSError, leaving the folder behind."""
    folder = Folder(server.path)
    folder.app.mkdir(parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with closing(listener), _short(server.path) as path:
        listener.bind(f"{path}/socket")
        command = server_command(kind, jail.uid, python=f"{jail.environment}/bin/python", descriptor=listener.fileno())
        places = (DATA,) if kind.stored else ()
        shown = replace(jail, also={PROGRAMS: Path(inside.__file__).parent}, places=places, scratch_bytes=_SCRATCH)
        arguments = jail_arguments(shown, root_links=root_links())
        sandbox = open_sandbox(arguments, command, log=folder.log, status=folder.status, kept=(listener.fileno(),))
    outer, init = identify(sandbox.process.pid), identify(sandbox.init_pid)
    if outer is None or init is None:
        sandbox.abandon()
        raise OSError("the fork server's sandbox ended at once")
    running = Running(key=kind.key, boot_id=boot_id(), view=view, sandbox=outer, init=init)
    server.state.write_text(running.model_dump_json())
    sandbox.release()
    return running, sandbox.process


def server_command(kind: Kind, uid: int | None, *, python: str, descriptor: int) -> Sequence[str]:
    """`unshare --mount-proc` shows it a /proc with nothing laid over: only then may its children mount their own.
    Its number of processes is left alone, because the kernel counts all its apps' for it as well.
    """
    limits = {name: both for name, both in app_limits(most_open_files()).items() if name != "nproc"}
    program = (python, "-c", _BEGIN, kind.sdk.value, _LEVEL, str(descriptor))
    return ["/usr/bin/unshare", "--mount-proc", "--", *limited(limits), *without_rights(uid), *program]


class _short:  # noqa: N801  a context manager that reads as a word
    """A name of a folder that fits into a socket's address."""

    def __init__(self, folder: Path) -> None:
        self._handle = os.open(folder, os.O_PATH | os.O_DIRECTORY)

    def __enter__(self) -> str:
        return f"/proc/self/fd/{self._handle}"

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)
