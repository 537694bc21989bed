"""The route table's contract, kept by the adapter on a real HAProxy."""

import time
from pathlib import Path

import pytest
from support.ports import free_port
from support.proxy import running_proxy

from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.routes import RouteTable, Target
from minispaces_runner.settings import RunnerSettings

pytestmark = pytest.mark.anyio
A, B = "a.apps.test", "b.apps.test"
ONE, TWO = Target("127.0.0.1", 7860, "d1"), Target("10.1.2.3", 8501, "d2")


@pytest.fixture
def settings(short_dir: Path) -> RunnerSettings:
    return RunnerSettings(data=short_dir, run=short_dir, domain="hub.test", apps_domain="apps.test", port=free_port())


def table(settings: RunnerSettings) -> RouteTable:
    return HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)


async def test_what_is_put_is_served_and_what_is_deleted_is_not(settings):
    async with running_proxy(settings):
        routes = table(settings)
        assert await routes.put({A: ONE, B: TWO})
        assert await routes.all() == {A: ONE, B: TWO}
        await routes.delete([A, "never-there.apps.test"])
        assert await routes.all() == {B: TWO}


async def test_a_route_moves_in_place(settings):
    async with running_proxy(settings):
        routes = table(settings)
        await routes.put({A: ONE})
        assert await routes.put({A: TWO})
        assert await routes.all() == {A: TWO}


async def test_a_proxy_that_restarts_alone_knows_its_table(settings):
    async with running_proxy(settings):
        await table(settings).put({A: ONE})
    async with running_proxy(settings):
        assert await table(settings).all() == {A: ONE}


async def test_while_the_proxy_is_away_changes_are_kept_for_it(settings):
    routes = table(settings)
    assert not await routes.put({A: ONE, B: ONE})
    await routes.delete([B])
    assert await routes.all() == {A: ONE}
    async with running_proxy(settings):
        assert await routes.all() == {A: ONE}


async def test_a_proxy_with_an_older_table_takes_the_route_all_the_same(settings):
    routes = table(settings)
    await routes.put({A: ONE})
    settings.routes_map.write_text("")
    async with running_proxy(settings):
        assert await routes.put({A: TWO})
        assert await routes.all() == {A: TWO}


async def test_a_new_runner_finds_the_routes_of_the_one_before(settings):
    async with running_proxy(settings):
        await table(settings).put({A: ONE})
        assert await table(settings).all() == {A: ONE}


async def test_a_thousand_routes_go_in_one_batch_and_one_more_takes_milliseconds(settings):
    async with running_proxy(settings):
        routes = table(settings)
        many = {f"s{number}.apps.test": ONE for number in range(1000)}
        assert await routes.put(many)
        started = time.perf_counter()
        assert await routes.put({A: TWO})
        assert time.perf_counter() - started < 0.25
        assert await routes.all() == many | {A: TWO}


@pytest.mark.parametrize("host", ["", "a b", "a;clear map x", "a\nshow info", "A.apps.test", "-a", "a" * 254])
async def test_nothing_but_a_host_name_gets_into_a_command(settings, host):
    with pytest.raises(ValueError, match="host"):
        await table(settings).put({host: ONE})
    with pytest.raises(ValueError, match="host"):
        await table(settings).delete([host])


@pytest.mark.parametrize(
    "target", [Target("evil.test", 1, "d"), Target("::1|", 1, "d"), Target("::1", 0, "d"), Target("::1", 1, "d;x")]
)
async def test_nothing_but_an_address_gets_into_a_value(settings, target):
    with pytest.raises(ValueError):
        await table(settings).put({A: target})
    assert await table(settings).all() == {}
