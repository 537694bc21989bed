"""Which host leads where, through the real proxy with the one configuration."""

import pytest
from support.echo_server import echo_server, free_address
from support.proxy import open_doors

from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.routes import Target

pytestmark = pytest.mark.anyio
DEMO = "demo.apps.test"


@pytest.fixture
async def places(settings, proxy):
    """The hub, the waker and two apps, each of which says its name and repeats what it was asked."""
    async with (
        echo_server("hub", settings.hub_socket),
        echo_server("waker", settings.waker_socket),
        echo_server("demo") as demo,
        echo_server("other") as other,
    ):
        await open_doors(settings, DEMO, "other.apps.test", "asleep.apps.test")
        routes = HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)
        await routes.put({DEMO: Target(*demo, "d1"), "other.apps.test": Target(*other, "d2")})
        yield proxy


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("hub.test", "hub"),
        ("HUB.test.:8080", "hub"),
        (DEMO, "demo"),
        ("Demo.Apps.Test", "demo"),
        ("demo.apps.test.", "demo"),
        ("demo.apps.test:65535", "demo"),
        ("other.apps.test", "other"),
        ("asleep.apps.test", "waker"),
    ],
)
async def test_a_host_leads_to_its_place(places, host, place):
    assert (await places.get(host)).text.splitlines()[0] == place


@pytest.mark.parametrize(
    "host", ["evil.test", "apps.test", "xapps.test", "hub.test.evil.test", "127.0.0.1", "[::1]:80"]
)
async def test_another_host_is_told_where_the_hub_is(places, settings, host):
    answer = await places.get(host)
    assert answer.status_code == 421
    assert settings.hub_url in answer.text
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    "host",
    ["a/?x=", "user@hub.test", "hub.test:99999", "[::1", "h" * 300, "hub.test\0", "hub test", "xn--\x80.test", ""],
)
async def test_what_is_no_host_is_refused(places, host):
    answer = await places.say(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode("latin-1"))
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 421"))


@pytest.mark.parametrize("lines", ["", "Host: hub.test\r\nHost: demo.apps.test\r\n"])
async def test_a_request_has_exactly_one_host(places, lines):
    answer = await places.say(f"GET / HTTP/1.1\r\n{lines}\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400")


async def test_an_address_in_absolute_form_cannot_name_another_host(places):
    answer = await places.say(b"GET http://demo.apps.test/ HTTP/1.1\r\nHost: hub.test\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400") or b"\r\n\r\ndemo" in answer


@pytest.mark.parametrize(
    "path",
    [
        "/internal",
        "/internal/world",
        "//internal/world",
        "/%69nternal/world",
        "/%2finternal/world",
        "/INTERNAL/world",
        "/internal;x/world",
        "/internal%2fworld",
    ],
)
async def test_the_internal_door_is_not_reached_from_outside(places, path):
    assert (await places.say(f"GET {path} HTTP/1.1\r\nHost: hub.test\r\n\r\n".encode())).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("path", ["/./internal", "/x/../internal", "/x/%2e%2e/internal", "/.%2e/internal"])
async def test_the_hub_is_asked_for_no_dot_segments(places, path):
    assert (await places.say(f"GET {path} HTTP/1.1\r\nHost: hub.test\r\n\r\n".encode())).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("path", ["/internals", "/spaces/a/b/tree/main/internal", "/a..b"])
async def test_what_only_looks_like_the_internal_door_is_reached(places, path):
    assert (await places.get("hub.test", path)).text.startswith("hub")


async def test_the_wakers_own_addresses_lead_to_it_while_the_app_is_up(places):
    assert (await places.get(DEMO, "/.minispaces/state")).text.startswith("waker")


async def test_an_app_that_refuses_connections_is_answered_for_by_the_waker(places, settings):
    routes = HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)
    await routes.put({DEMO: Target(free_address(), 7860, "d3")})
    answer = await places.ask("POST", DEMO, content=b"kept")
    assert answer.text.startswith("waker")
    assert answer.text.endswith("kept")


@pytest.mark.parametrize("host", ["hub.test", "asleep.apps.test"])
async def test_what_is_away_for_a_moment_says_when_to_come_back(settings, proxy, host):
    await open_doors(settings, "asleep.apps.test")
    answer = await proxy.get(host)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == "no-store"
    assert "not up" in answer.text
