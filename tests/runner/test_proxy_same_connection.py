"""A pass that was verified on a connection is not verified again there, and opens no more than it did."""

import time

import httpx2
import pytest
from support.echo_server import echo_server
from support.eventually import eventually
from support.passes import make_pass

from minispaces_contract.messages import Door, EdgeAccess
from minispaces_runner.edge_maps import EdgeMaps
from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.haproxy_socket import HaproxySocket
from minispaces_runner.routes import Target

pytestmark = pytest.mark.anyio
MINE, OTHER, ALIAS = "mine.apps.test", "other.apps.test", "alias.apps.test"
ACCESS = EdgeAccess(
    doors={
        MINE: Door(circle="members", space_id="s1"),
        ALIAS: Door(circle="members", space_id="s1"),
        OTHER: Door(circle="members", space_id="s2"),
    },
    keys={"session:a": "user:a", "session:b": "user:b"},
    allowed=frozenset({"user:a|s1", "user:b|s2"}),
)


@pytest.fixture
async def maps(settings, proxy):
    made = EdgeMaps(settings.proxy_maps, HaproxySocket(settings.proxy_socket))
    await made.become(ACCESS)
    async with echo_server("app") as app:
        routes = HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)
        await routes.put({host: Target(*app, "d1") for host in (MINE, ALIAS, OTHER)})
        yield made


@pytest.fixture
async def ask(proxy, maps):
    """One connection, kept: the status of what is asked over it with a pass in the cookie."""
    limits = httpx2.Limits(max_connections=1)
    async with httpx2.AsyncClient(base_url=proxy.url, limits=limits) as http:

        async def ask(token: str, host: str = MINE, **more: str) -> int:
            answer = await http.get("/", headers={"Host": host, "Cookie": f"minispaces_app={token}", **more})
            return answer.status_code

        yield ask


@pytest.fixture
def token(settings):
    return make_pass(settings, aud=MINE, sub="session:a")


async def times_proved(settings) -> int:
    said = await HaproxySocket(settings.proxy_socket).ask(["show stat proved 2 -1"])
    names, row = (line.split(",") for line in said.strip().splitlines()[:2])
    return int(row[names.index("stot")])


async def test_a_pass_is_verified_once_for_its_connection(ask, settings, token):
    assert [await ask(token) for _ in range(3)] == [200, 200, 200]
    assert await times_proved(settings) == 2


async def test_a_lost_key_counts_at_once(ask, maps, settings, token):
    assert [await ask(token), await ask(token)] == [200, 200]
    await maps.become(ACCESS.model_copy(update={"keys": {}}))
    assert await ask(token) == 401
    await maps.become(ACCESS.model_copy(update={"allowed": frozenset({"user:a|s2"})}))
    assert await ask(token) == 401


async def test_a_door_that_became_anothers_is_looked_at_anew(ask, maps, token):
    assert [await ask(token), await ask(token)] == [200, 200]
    await maps.become(ACCESS.model_copy(update={"doors": {MINE: Door(circle="members", space_id="s2")}}))
    assert await ask(token) == 401


async def test_it_opens_no_other_host_and_no_other_pass_opens_this_one(ask, settings, token):
    forged = make_pass(settings, aud=MINE, sub="session:a", key="another key that is long enough to sign")
    assert [await ask(token), await ask(token)] == [200, 200]
    assert [await ask(token, ALIAS), await ask(token, OTHER)] == [401, 401]
    assert await ask(forged) == 401
    assert await ask(make_pass(settings, aud=MINE, sub="session:b")) == 401
    assert await ask(token) == 200


async def test_what_another_page_makes_a_browser_ask_is_refused_there_too(ask, token):
    assert [await ask(token), await ask(token)] == [200, 200]
    assert await ask(token, Origin="http://other.apps.test") == 401


async def test_it_ends_when_it_says(ask, settings):
    token = make_pass(settings, aud=MINE, sub="session:a", exp=int(time.time()) + 2)
    assert [await ask(token), await ask(token)] == [200, 200]

    async def is_over() -> bool:
        return await ask(token) == 401

    await eventually(is_over)
