"""An engine without isolation: apps as plain child processes on loopback addresses."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from support.echo_server import free_address

from minispaces_contract.messages import DeploymentSpec
from minispaces_runner.engine import EngineError, Exit, Instance, Used
from minispaces_runner.gpu.seats import Seats
from minispaces_runner.storage.volumes import Volumes


@dataclass
class PlainEngine:
    """Apps as child processes on loopback addresses of their own. No isolation: only for tests."""

    isolation: str = "none"
    can_freeze: bool = True
    keeps_disk: bool = False
    written: dict[str, int] = field(default_factory=dict)
    _apps: dict[str, tuple[Instance, subprocess.Popen, Path]] = field(default_factory=dict)
    _read: dict[str, int] = field(default_factory=dict)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="ms-apps-")))
    starts: list[str] = field(default_factory=list)
    thaws: list[str] = field(default_factory=list)
    _frozen: set[str] = field(default_factory=set)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def volumes(self) -> Volumes:
        (self.folder / "storage").mkdir(parents=True, exist_ok=True)
        return Volumes(self.folder / "storage", images=False)

    @property
    def seats(self) -> Seats:
        return Seats(self.folder / "gpu")

    async def start(self, spec: DeploymentSpec) -> Instance:
        if spec.id in self._apps:
            return self._apps[spec.id][0]
        if spec.artifact.command is None:
            raise EngineError("There is nothing to start.")
        return await self._start(spec)

    async def start_anew(self, spec: DeploymentSpec) -> Instance:
        """As a real engine may of itself: elsewhere, and without a moment in which there is no instance."""
        before = self._apps[spec.id][1]
        instance = await self._start(spec)
        before.kill()
        await asyncio.to_thread(before.wait)
        return instance

    async def _start(self, spec: DeploymentSpec) -> Instance:
        self.starts.append(spec.id)
        self.folder.mkdir(exist_ok=True)
        instance = Instance(spec.id, spec.space_id, free_address(), spec.artifact.port, time.time())
        log = self.folder / f"{spec.id}-{len(self.starts)}"
        environment = {**spec.env, "ADDRESS": f"{instance.ip}:{instance.port}", "PATH": os.environ["PATH"]}
        with log.open("wb") as out:
            process = await asyncio.to_thread(
                subprocess.Popen, spec.artifact.command, env=environment, stdout=out, stderr=out
            )
        self._apps[spec.id], self._read[spec.id] = (instance, process, log), 0
        asyncio.get_running_loop().run_in_executor(None, self._await_end, process, asyncio.get_running_loop())
        return instance

    def _await_end(self, process: subprocess.Popen, loop: asyncio.AbstractEventLoop) -> None:
        process.wait()
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._ended.set)

    async def stop(self, deployment_id: str, *, grace_seconds: float = 5) -> None:
        self._frozen.discard(deployment_id)
        if app := self._apps.pop(deployment_id, None):
            app[1].kill()
            await asyncio.to_thread(app[1].wait)

    async def freeze(self, deployment_id: str) -> bool:
        self._apps[deployment_id][1].send_signal(signal.SIGSTOP)
        self._frozen.add(deployment_id)
        return True

    async def thaw(self, deployment_id: str) -> None:
        if deployment_id in self._frozen:
            self._frozen.remove(deployment_id)
            self.thaws.append(deployment_id)
            self._apps[deployment_id][1].send_signal(signal.SIGCONT)

    async def page_out(self, deployment_id: str) -> None:
        """There may be no swap here."""

    async def instances(self) -> list[Instance]:
        return [
            replace(instance, exit=_exit(process.poll()), frozen=name in self._frozen)
            for name, (instance, process, _) in self._apps.items()
        ]

    async def logs(self, deployment_id: str) -> AsyncIterator[str]:
        _, process, log = self._apps[deployment_id]
        while True:
            ended = process.poll() is not None
            with log.open() as lines:
                lines.seek(self._read.get(deployment_id, 0))
                while line := lines.readline():
                    self._read[deployment_id] = lines.tell()
                    yield line.rstrip("\n")
            if ended:
                return
            await asyncio.sleep(0.02)

    async def tail(self, deployment_id: str, *, lines: int = 20) -> list[str]:
        return self._apps[deployment_id][2].read_text().splitlines()[-lines:]

    async def listening(self, deployment_id: str) -> list[str]:
        instance, process, _ = self._apps[deployment_id]
        said = await asyncio.to_thread(_listening_of, process.pid)
        return [place.replace(instance.ip, "0.0.0.0") for place in said]

    async def changes(self) -> AsyncIterator[None]:
        while True:
            await self._ended.wait()
            self._ended.clear()
            yield

    async def usage(self) -> dict[str, Used]:
        return {name: Used(memory=1 << 20) for name, (_, process, _) in self._apps.items() if process.poll() is None}

    async def disk(self) -> dict[str, int]:
        return {name: self.written.get(name, 0) for name in self._apps}

    async def flagged(self, deployment_id: str) -> list[bytes]:
        return []

    async def clear(self) -> None:
        for deployment_id in list(self._apps):
            await self.stop(deployment_id)
        shutil.rmtree(self.folder, ignore_errors=True)

    async def aclose(self) -> None:
        """Instances go on."""

    def kill(self, deployment_id: str) -> None:
        """Returns when it is gone: what is still dying takes connections that it never answers."""
        process = self._apps[deployment_id][1]
        process.kill()
        process.wait()


def _exit(code: int | None) -> Exit | None:
    if code is None:
        return None
    return Exit(code=code) if code >= 0 else Exit(signal=-code)


def _listening_of(pid: int) -> list[str]:
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            inodes.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [_place(row[1]) for row in rows if row[3] == "0A" and row[9] in inodes]


def _place(hexadecimal: str) -> str:
    address, port = hexadecimal.split(":")
    return f"{socket.inet_ntoa(bytes.fromhex(address)[::-1])}:{int(port, 16)}"
