"""The room's three commands, as processes."""

import asyncio
import os
import signal
import sys
import time
from contextlib import asynccontextmanager

import httpx2
import pytest
from support.eventually import eventually

from minispaces_runner.haproxy import OLDEST, ProxyMissingError, find_haproxy, max_connections

pytestmark = pytest.mark.anyio
PROXY = "minispaces_runner.proxy"


@pytest.fixture
def command(settings):
    """`python -m MODULE ...`, killed at the end."""
    environment = {
        **os.environ,
        "MINISPACES_DATA": str(settings.data),
        "MINISPACES_RUN": str(settings.run),
        "MINISPACES_DOMAIN": settings.domain,
        "MINISPACES_APPS_DOMAIN": settings.apps_domain,
        "MINISPACES_PORT": str(settings.port),
        "MINISPACES_INTERNAL_URL": settings.internal_url,
        "MINISPACES_INTERNAL_TOKEN": "door",
        "MINISPACES_REDIS_URL": settings.redis_url,
        "MINISPACES_ENGINE": "process",
    }

    @asynccontextmanager
    async def command(*arguments, module="minispaces_runner"):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments, env=environment, stderr=asyncio.subprocess.PIPE
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    return command


async def test_the_proxy_serves_every_address_of_the_machine(command, settings):
    async with command(module=PROXY) as process, httpx2.AsyncClient(verify=False) as http:
        await eventually(settings.proxy_socket.exists)
        assert (await http.get(f"http://127.0.0.1:{settings.port}/")).status_code == 421
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 10)


async def test_a_second_proxy_on_the_same_port_does_not_take_half_of_the_visitors(command, settings):
    async with command(module=PROXY) as first:
        await eventually(settings.proxy_socket.exists)
        async with command(module=PROXY) as second:
            _, said = await asyncio.wait_for(second.communicate(), 20)
        assert second.returncode == 1
        assert b"cannot bind socket" in said
        assert first.returncode is None


@pytest.mark.root
async def test_the_runner_says_how_apps_are_kept_apart_and_ends_soon_when_told_to(command, settings, door):
    async with door.open(settings.internal_url), command() as process:
        await eventually(settings.waker_socket.exists, seconds=30)
        assert settings.isolation_file.read_text().startswith("process: ")
        transport = httpx2.AsyncHTTPTransport(uds=str(settings.waker_socket))
        async with httpx2.AsyncClient(transport=transport) as http:
            answer = await http.get("http://waker/", headers={"X-Forwarded-Host": "no.apps.test"})
        assert answer.status_code == 404
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        await process.communicate()
        assert process.returncode == 0
        assert time.monotonic() - started < 8


@pytest.mark.root
async def test_clearing_takes_all_routes_away(command, settings):
    settings.routes_map.parent.mkdir()
    settings.routes_map.write_text("a.apps.test 10.0.0.1|7860|d1\n")
    async with command("clear") as process:
        _, said = await process.communicate()
        assert process.returncode == 0, said
    assert settings.routes_map.read_text() == ""


async def test_another_command_is_answered_with_those_that_there_are(command):
    async with command("dance") as process:
        _, said = await process.communicate()
    assert b"usage: python -m minispaces_runner [clear]" in said
    assert b"Traceback" not in said


def test_a_chosen_haproxy_that_cannot_be_used_is_named(tmp_path):
    old = tmp_path / "haproxy"
    old.write_text("#!/bin/sh\necho HAProxy version 2.5.9\n")
    old.chmod(0o755)
    with pytest.raises(ProxyMissingError, match="MINISPACES_HAPROXY"):
        find_haproxy({"MINISPACES_HAPROXY": str(old)})


def test_the_systems_haproxy_comes_before_the_packages_when_it_can_do_all(tmp_path):
    own = tmp_path / "haproxy"
    oldest = ".".join(map(str, OLDEST))
    for version, lua, chosen in (
        (oldest, "with Lua", True),
        ("2.5.9", "with Lua", False),
        (oldest, "without Lua", False),
    ):
        own.write_text(f"#!/bin/sh\necho HAProxy version {version}-1+deb 2026; echo Built {lua}\n")
        own.chmod(0o755)
        assert (find_haproxy({"PATH": str(tmp_path)}) == own) is chosen


def test_connections_are_as_many_as_file_descriptors_allow():
    assert [max_connections(limit) for limit in (256, 4096, 1 << 20)] == [100, 1948, 20_000]
