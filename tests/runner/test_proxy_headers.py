"""What of a request's header reaches an app, through the real proxy."""

import re

import pytest
from support.echo_server import echo_server
from support.proxy import open_doors

from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.routes import Target

pytestmark = pytest.mark.anyio
DEMO = "demo.apps.test"
FORGED = (
    "X-Forwarded-For", "X-Forwarded-User", "X_Forwarded_User", "X.Forwarded.User", "X-Real-IP", "X_Real_IP",
    "Forwarded", "Remote-User", "Remote_User", "X-Remote-User", "X-Authenticated-User", "X-Client-IP", "X-Original-URL",
    "X-Minispaces-User", "X-Request-Id", "Via", "Proxy", "True-Client-IP",
)  # fmt: skip


@pytest.fixture
async def ask(settings, proxy):
    """The header lines that the app sees, in lower case."""
    async with echo_server("demo") as demo, echo_server("hub", settings.hub_socket):
        await open_doors(settings, DEMO)
        await HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket).put({DEMO: Target(*demo, "d1")})

        async def ask(*pairs, host=DEMO):
            answer = await proxy.get(host, headers=pairs)
            assert answer.status_code == 200, answer.text
            return dict(line.split(": ", 1) for line in answer.text.splitlines()[2:] if ": " in line)

        yield ask


async def test_what_a_client_says_about_who_it_is_does_not_reach_an_app(ask):
    seen = await ask(*((name, "forged") for name in FORGED))
    assert "forged" not in seen.values()
    assert seen["x-forwarded-for"] == "127.0.0.1"


async def test_an_app_learns_how_it_was_asked(ask, settings):
    seen = await ask(host=f"{DEMO}:{settings.port}")
    assert seen["x-forwarded-proto"] == "http"
    assert seen["x-forwarded-host"] == f"{DEMO}:{settings.port}"
    assert seen["x-forwarded-port"] == str(settings.port)
    assert re.fullmatch(r"\d{10}-\d+", seen["x-request-id"])


async def test_headers_of_the_apps_own_pass(ask):
    seen = await ask(("Authorization", "Bearer x"), ("X-Auth-Token", "t"), ("Origin", "http://o"))
    assert (seen["authorization"], seen["x-auth-token"], seen["origin"]) == ("Bearer x", "t", "http://o")


async def test_no_header_can_be_named_for_dropping(ask):
    seen = await ask(("Connection", "X-Forwarded-For, close"))
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert "connection" not in seen


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("a=1; minispaces_session=s; b=2", "a=1; b=2"),
        ("minispaces_session=s; a=1", "a=1"),
        ("a=1; __Host-minispaces=s", "a=1"),
        ("__Host-minispaces=s; minispaces_session=t", None),
        ("minispaces_session=s; minispaces_session=t; a=1; __Host-minispaces=u", "a=1"),
        ("minispaces_session", None),
        ("a=minispaces_session", "a=minispaces_session"),
        ("my_minispaces_session=1", "my_minispaces_session=1"),
        ("a=1;minispaces_session=s;b=2", "a=1;b=2"),
        ("a=1", "a=1"),
    ],
)
async def test_the_hubs_cookies_do_not_reach_an_app_and_its_own_do(ask, sent, seen):
    assert (await ask(("Cookie", sent))).get("cookie") == seen


async def test_the_hub_sees_its_own_cookie(ask):
    assert (await ask(("Cookie", "minispaces_session=s"), host="hub.test"))["cookie"] == "minispaces_session=s"


async def test_a_second_cookie_line_cannot_carry_the_hubs_cookie_past(proxy, ask):
    answer = await proxy.get(DEMO, headers=[("Cookie", "minispaces_session=s"), ("Cookie", "a=1")])
    assert answer.status_code == 400
