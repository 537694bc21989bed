"""The real proxy with the one configuration, asked as clients do and as they should not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
from support.eventually import eventually

from minispaces_runner.haproxy import config_file, find_haproxy, lay_out_maps, proxy_argv, proxy_environment
from minispaces_runner.haproxy_map import HaproxyMap
from minispaces_runner.haproxy_socket import HaproxySocket
from minispaces_runner.settings import RunnerSettings


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


async def open_doors(settings: RunnerSettings, *hosts: str) -> None:
    """These apps are for everybody."""
    doors = HaproxyMap(settings.proxy_maps / "doors.map", HaproxySocket(settings.proxy_socket))
    await doors.put(dict.fromkeys(hosts, "open|space"))


@asynccontextmanager
async def running_proxy(settings: RunnerSettings) -> AsyncIterator[Proxy]:
    lay_out_maps(settings.proxy_maps)
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
