"""Who visits, as the app is told, through the real proxy: from a pass alone, and only where the app asks for it."""

import pytest
from support.echo_server import echo_server
from support.passes import make_pass

from minispaces_contract.messages import Door, EdgeAccess
from minispaces_runner.edge_maps import EdgeMaps
from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.haproxy_socket import HaproxySocket
from minispaces_runner.routes import Target

pytestmark = pytest.mark.anyio
ASKS, OPEN, SILENT = "asks.apps.test", "open.apps.test", "silent.apps.test"
ACCESS = EdgeAccess(
    doors={
        ASKS: Door(circle="members", space_id="s1", identity=True),
        OPEN: Door(circle="open", space_id="s2", identity=True),
        SILENT: Door(circle="members", space_id="s1"),
    },
    keys={"session:a": "user:a"},
    allowed=frozenset({"user:a|s1"}),
)
WHO = {"name": "ada", "email": "ada@example.org", "groups": "chem,bio", "identity": "signed.by.hub"}
TOLD = {
    "x-forwarded-user": "ada", "x-forwarded-preferred-username": "ada", "remote-user": "ada", "x-sp-userid": "ada",
    "x-forwarded-email": "ada@example.org", "x-forwarded-groups": "chem,bio", "x-sp-usergroups": "chem,bio",
    "x-minispaces-identity": "signed.by.hub",
}  # fmt: skip


@pytest.fixture
async def ask(settings, proxy):
    """The header lines about a visitor that the app sees."""
    await EdgeMaps(settings.proxy_maps, HaproxySocket(settings.proxy_socket)).become(ACCESS)
    async with echo_server("app") as app:
        routes = HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)
        await routes.put({host: Target(*app, "d1") for host in ACCESS.doors})

        async def ask(host, *headers, **claims):
            given = {"aud": host, "sub": "session:a", **WHO, **claims}
            token = make_pass(settings, **{name: value for name, value in given.items() if value is not None})
            answer = await proxy.get(host, headers=[("Cookie", f"minispaces_app={token}"), *headers])
            assert answer.status_code == 200
            lines = dict(line.split(": ", 1) for line in answer.text.splitlines()[2:] if ": " in line)
            return {
                name.replace("_", "-").replace(".", "-"): value for name, value in lines.items() if name not in _ALWAYS
            }

        yield ask


_ALWAYS = {"host", "accept", "accept-encoding", "connection", "user-agent", "x-forwarded-for", "x-forwarded-proto",
           "x-forwarded-host", "x-forwarded-port", "x-request-id"}  # fmt: skip


@pytest.mark.parametrize("host", [ASKS, OPEN])
async def test_an_app_that_asks_is_told_who_visits(ask, host):
    assert await ask(host) == TOLD


async def test_an_app_that_does_not_ask_is_told_nothing(ask):
    assert await ask(SILENT) == {}


@pytest.mark.parametrize("host", [ASKS, OPEN, SILENT])
@pytest.mark.parametrize("separator", ["-", "_", "."])
async def test_a_forged_copy_does_not_reach_any_app(ask, host, separator):
    forged = [(name.replace("-", separator), "forged") for name in TOLD]
    assert "forged" not in (await ask(host, *forged)).values()


async def test_what_is_not_known_is_not_said(ask):
    assert await ask(ASKS, email=None) == {name: value for name, value in TOLD.items() if "email" not in name}
    assert await ask(ASKS, name=None) == {}


@pytest.mark.parametrize("claims", [{"aud": ASKS}, {"exp": 1}, {"sub": "session:ended"}, {"sub": None}])
async def test_an_open_app_believes_no_pass_that_is_not_good(ask, claims):
    assert await ask(OPEN, **claims) == {}
