"""Requests that are too large, malformed or ambiguous never reach an app twice, or as something else."""

import pytest
from support.echo_server import echo_server
from support.proxy import open_doors

from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.routes import Target

pytestmark = pytest.mark.anyio
DEMO = "demo.apps.test"
HEAD = b"POST / HTTP/1.1\r\nHost: demo.apps.test\r\n"


@pytest.fixture
async def app(settings, proxy):
    async with echo_server("demo") as demo:
        await open_doors(settings, DEMO)
        await HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket).put({DEMO: Target(*demo, "d1")})
        yield demo


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/" + "a" * 8192, [], 414),
        ("/?" + "a=1&" * 2400, [], 414),
        ("/" + "a" * 60_000, [], 414),
        ("/", [("X", "a" * 40_000)], 431),
        ("/", [("X", "a" * 70_000)], 400),
        ("/", [("X", "1")] * 101, 431),
        ("/", [("X", "1")] * 1000, 431),
        ("/a%00b", [], 400),
        ("/a%0d%0ab", [], 400),
        ("/" + "a" * 8000, [("X", "a" * 8000)] + [("Y", "1")] * 80, 200),
    ],
)
async def test_what_is_too_large_is_refused_with_its_number(proxy, app, path, headers, status):
    assert (await proxy.get(DEMO, path, headers=headers)).status_code == status


@pytest.mark.parametrize(
    "line",
    [
        "TRACE / HTTP/1.1",
        "CONNECT demo.apps.test:80 HTTP/1.1",
        "get / HTTP/1.1",
        "TRACK / HTTP/1.1",
        f"{'A' * 1000} / HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "PRI * HTTP/2.0",
        "GET /",
        "GET / HTTP/3.0",
        "GET /a b HTTP/1.1",
        "GET /\x01 HTTP/1.1",
    ],
)
async def test_what_is_no_request_here_is_refused(proxy, app, line):
    answer = await proxy.say(f"{line}\r\nHost: {DEMO}\r\n\r\n".encode())
    assert answer[:12] in {b"HTTP/1.1 400", b"HTTP/1.1 405", b"HTTP/1.1 505"} or not answer
    assert app.requests == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "M-SEARCH"])
async def test_every_ordinary_method_reaches_the_app(proxy, app, method):
    assert (await proxy.ask(method, DEMO)).status_code == 200


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        b"Content-Length: 4, 5\r\n\r\nabcde",
        b"Content-Length: +4\r\n\r\nabcd",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 0x4\r\n\r\nabcd",
        b"Content-Length: 4 4\r\n\r\nabcd",
        b"Content-Length : 4\r\n\r\nabcd",
        b"Content-Length: 99999999999999999999\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: identity, chunked, chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcdX\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n0x4\r\nabcd\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabcd\r\n0\r\n\r\n",
        b"X: a\r\n\tTransfer-Encoding: chunked\r\n\r\n",
        b"X\x00: a\r\n\r\n",
        b"X: a\x00b\r\n\r\n",
        b"X a: b\r\n\r\n",
        b": b\r\n\r\n",
        b"X: a\rTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_a_framing_probe_is_refused_or_read_alike_by_proxy_and_app(proxy, app, framing):
    hidden = b"GET /hidden HTTP/1.1\r\nHost: demo.apps.test\r\nX-Hidden: 1\r\n\r\n"
    answer = await proxy.say(HEAD + framing + hidden)
    if b" 200 OK" in answer:  # what the proxy reads as one request or as two, the app reads alike
        assert answer.count(b" 200 OK") == app.requests
    else:
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
        assert app.requests <= 1
