"""The fork servers of this machine: started beside the first plain start, ended when nobody needs them."""

import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from minispaces_contract.messages import DeploymentSpec, Hardware
from minispaces_runner.engine import EngineError
from minispaces_runner.machine import memory
from minispaces_runner.process.cgroups import Cgroups
from minispaces_runner.process.folder import Folder
from minispaces_runner.process.forkserver.fork import Forked, fork
from minispaces_runner.process.forkserver.kinds import Kind, kind_of, program_of
from minispaces_runner.process.forkserver.server import Server, start_server
from minispaces_runner.process.forkserver.unforkable import Unforkable
from minispaces_runner.process.jail import Jail
from minispaces_runner.process.output import last_lines
from minispaces_runner.process.teardown import take_down

_log = structlog.get_logger()
_HARDWARE = Hardware(memory_mb=4096, cpus=2)
"""Of a server itself; its apps have limits of their own."""
_IDLE_SECONDS = 20 * 60
_FULL = 0.9
"""The share of the machine's memory from which servers are given up."""


@dataclass(slots=True)
class ForkServers:
    root: Path
    cgroups: Cgroups | None
    apart: bool
    now: Callable[[], float] = time.monotonic
    _used: dict[str, float] = field(default_factory=dict)
    """When, by the server's name."""
    _hopeless: set[str] = field(default_factory=set)
    """Kinds whose server ended by itself before it was ready; tried again by the next runner."""
    _ended: set[str] = field(default_factory=set)
    """Servers that we have ended ourselves."""
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def unforkable(self) -> Unforkable:
        return Unforkable(self.root / "unforkable.json")

    def kind(self, spec: DeploymentSpec) -> Kind | str | None:
        """As `kind_of`, and None for what has been tried in vain."""
        return None if self.unforkable.holds(spec.artifact.reference) else kind_of(spec, apart=self.apart)

    def fork(self, kind: Kind, spec: DeploymentSpec, jail: Jail, *, folder: Folder, view: str) -> Forked | None:
        """A child in its jail that waits; None while no server is ready. Raises NotForkedError."""
        server = self._find(kind, view)
        program = program_of(spec.artifact.command or (), environment=str(jail.environment))
        connection = server.connect() if server else None
        if server is None or program is None or connection is None:
            return None
        self._used[server.name] = self.now()
        return fork(connection, program, jail, folder=folder)

    def warm(self, kind: Kind, make_jail: Callable[[Server], Jail], *, view: str) -> None:
        """Begin to start a server for `kind` unless there is one."""
        with self._lock:
            if kind.key in self._hopeless or self._find(kind, view):
                return
            server = Server(self.root / uuid.uuid4().hex[:12])
            try:
                self._start(server, kind, make_jail(server), view=view)
            except (OSError, EngineError) as error:
                _log.warning("fork_server_failed", environment=kind.environment, reason=str(error))
                self._hopeless.add(kind.key)
                take_down(Folder(server.path), cgroups=self.cgroups, grace=0)

    def is_ready(self, kind: Kind, *, view: str) -> bool:
        """Whether the next start of such an app will be a fork."""
        server = self._find(kind, view)
        connection = server.connect() if server else None
        if connection:
            connection.close()
        return connection is not None

    def tend(self) -> None:
        """End servers that nobody has used for long, all of them when memory is short; sweep what has ended."""
        used, total = memory()
        with self._lock:
            for server in self._servers():
                if server.is_up() and (used > _FULL * total or self._is_idle(server)):
                    _log.info("fork_server_ended", server=server.name, memory=used / total)
                    self._ended.add(server.name)
                    server.end()
                if not server.holds_apps():
                    self._bury(server)
            self._children = [child for child in self._children if child.poll() is None]

    def names(self) -> set[str]:
        """Of the control groups that are theirs."""
        return {server.name for server in self._servers()}

    def clear(self) -> None:
        """End them all, with whatever still lives by them."""
        with self._lock:
            for server in self._servers():
                server.kill()
                take_down(Folder(server.path), cgroups=self.cgroups, grace=0)
            for child in self._children:
                child.wait(5)
        shutil.rmtree(self.root, ignore_errors=True)

    def _servers(self) -> list[Server]:
        return [Server(path) for path in self.root.glob("*/")]

    def _find(self, kind: Kind, view: str) -> Server | None:
        for server in self._servers():
            running = server.read()
            if running and (running.key, running.view) == (kind.key, view) and server.is_up():
                return server
        return None

    def _start(self, server: Server, kind: Kind, jail: Jail, *, view: str) -> None:
        running, child = start_server(server, kind, jail, view=view)
        self._children.append(child)
        self._used[server.name] = self.now()
        if self.cgroups:
            self.cgroups.create(server.name, _HARDWARE)
            self.cgroups.add(server.name, running.init.pid)

    def _is_idle(self, server: Server) -> bool:
        return self.now() - self._used.setdefault(server.name, self.now()) > _IDLE_SECONDS

    def _bury(self, server: Server) -> None:
        """One that ended before it was ready would do so again."""
        if server.name not in self._ended and (running := server.read()) and not server.was_ready():
            _log.warning("fork_server_failed", server=server.name, output=last_lines(Folder(server.path).log, 3))
            self._hopeless.add(running.key)
        take_down(Folder(server.path), cgroups=self.cgroups, grace=0)
