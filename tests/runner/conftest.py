"""The runner with real parts: HAProxy, a Redis-protocol server, apps as plain processes, and a door to answer it."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis.asyncio
from pydantic import SecretStr
from support.echo_server import free_address
from support.lab import Lab
from support.plain_engine import PlainEngine
from support.platform_door import Door
from support.ports import free_port
from support.proxy import Proxy, running_proxy
from support.redis_server import redis_server

from minispaces_runner.settings import RunnerSettings


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(short_dir: Path, redis_socket: Path) -> RunnerSettings:
    return RunnerSettings(
        data=short_dir,
        run=short_dir,
        domain="hub.test",
        apps_domain="apps.test",
        port=free_port(),
        internal_url=f"http://{free_address()}:8000",
        internal_token=SecretStr("door"),
        edge_key=SecretStr("edge-key-of-the-tests-" + "k" * 20),
        redis_url=f"unix://{redis_socket}",
        drain_seconds=0.5,
        hold_seconds=10,
    )


@pytest.fixture(scope="session")
def redis_socket() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ms-", dir="/tmp") as folder, redis_server(Path(folder)) as path:
        yield path


@pytest.fixture
async def client(settings: RunnerSettings) -> AsyncIterator[redis.asyncio.Redis]:
    client = redis.asyncio.Redis.from_url(settings.redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
async def proxy(settings: RunnerSettings) -> AsyncIterator[Proxy]:
    async with running_proxy(settings) as proxy:
        yield proxy


@pytest.fixture
async def engine() -> AsyncIterator[PlainEngine]:
    engine = PlainEngine()
    yield engine
    await engine.clear()


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def idle(settings: RunnerSettings, door: Door, engine: PlainEngine, client: redis.asyncio.Redis) -> Lab:
    return Lab(settings, door, engine, client)


@pytest.fixture
async def lab(idle: Lab, proxy: Proxy) -> AsyncIterator[Lab]:
    async with idle.answering(), idle.running():
        idle.proxy = proxy
        yield idle
