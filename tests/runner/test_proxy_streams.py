"""Open streams live through route changes, and no request ever goes to another app."""

import asyncio
import random
import time

import pytest
from support.echo_server import echo_server, free_address
from support.proxy import open_doors
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.routes import Target

pytestmark = pytest.mark.anyio
DEMO = "demo.apps.test"


@pytest.fixture
async def routes(settings):
    await open_doors(settings, DEMO, *(f"{name}.apps.test" for name in "abcd"))
    return HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)


async def test_twenty_websockets_live_through_two_hundred_changes(settings, proxy, routes):
    async def echo(websocket):
        async for message in websocket:
            await websocket.send(message)

    ip = free_address()
    async with serve(echo, ip, 7860):
        await routes.put({DEMO: Target(ip, 7860, "d1")})
        url = f"ws://{DEMO}:{settings.port}/"
        sockets = [await connect(url, host="127.0.0.1", port=settings.port, proxy=None) for _ in range(20)]
        for number in range(200):
            await routes.put({DEMO: Target(free_address(), 1, "d2"), f"s{number}.apps.test": Target(ip, 7860, "d3")})
        for number, websocket in enumerate(sockets):
            await websocket.send(str(number))
            assert await asyncio.wait_for(websocket.recv(), 5) == str(number)
        await asyncio.gather(*(websocket.close() for websocket in sockets))


async def test_events_arrive_as_they_are_sent(proxy, routes, settings):
    async def events(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        while await reader.read(1):  # one event for each byte that comes the other way
            event = f"data: {time.perf_counter()}\n\n".encode()
            writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
        writer.close()

    ip = free_address()
    async with await asyncio.start_server(events, ip, 7860):
        await routes.put({DEMO: Target(ip, 7860, "d1")})
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
        writer.write(f"POST / HTTP/1.1\r\nHost: {DEMO}\r\nContent-Length: 20\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        delays = []
        for number in range(20):
            await routes.put({f"s{number}.apps.test": Target(ip, 7860, "d1")})
            writer.write(b"x")
            sent = float((await asyncio.wait_for(reader.readuntil(b"\n\n"), 5)).split()[-1])
            delays.append(time.perf_counter() - sent)
            await reader.readline()
        writer.close()
    assert sorted(delays)[10] < 0.05


async def test_interleaved_hosts_on_shared_connections_never_get_another_apps_answer(proxy, routes, settings):
    async with echo_server("a") as a, echo_server("b") as b, echo_server("c") as c, echo_server("d") as d:
        await routes.put(
            {f"{name}.apps.test": Target(*place, name) for name, place in zip("abcd", (a, b, c, d), strict=True)}
        )

        async def visit():
            reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
            for _ in range(100):
                name = random.choice("abcd")
                writer.write(f"GET / HTTP/1.1\r\nHost: {name}.apps.test\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split()[0])
                assert (await reader.readexactly(length)).split()[0].decode() == name
            writer.close()

        await asyncio.gather(*(visit() for _ in range(12)))


async def test_a_moved_route_is_followed_at_once_on_open_connections(proxy, routes, settings):
    async with echo_server("old") as old, echo_server("new") as new:
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
        for number in range(100):
            name, place = (("old", old), ("new", new))[number % 2]
            await routes.put({DEMO: Target(*place, name)})
            writer.write(f"GET / HTTP/1.1\r\nHost: {DEMO}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split()[0])
            assert (await reader.readexactly(length)).split()[0].decode() == name
        writer.close()


async def test_a_large_body_is_passed_on_while_it_comes(proxy, settings):
    """As git does: the hub answers the beginning before the end is there."""

    async def hub(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(1 << 20)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf \r\n")
        await reader.readexactly(1 << 20)
        writer.write(b"5\r\nwhole\r\n0\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(hub, str(settings.hub_socket)):
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
        writer.write(
            f"POST /x HTTP/1.1\r\nHost: hub.test\r\nContent-Length: {2 << 20}\r\n\r\n".encode() + b"x" * (1 << 20)
        )
        assert await asyncio.wait_for(reader.readuntil(b"half "), 5)
        writer.write(b"x" * (1 << 20))
        assert await asyncio.wait_for(reader.readuntil(b"whole"), 5)
        writer.close()
