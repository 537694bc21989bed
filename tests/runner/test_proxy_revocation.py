"""What is open ends within seconds when it no longer may be, through the real proxy and the runner's follower."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from support.echo_server import free_address
from support.eventually import eventually
from support.passes import make_pass
from support.proxy import open_doors
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from minispaces_contract import hints
from minispaces_contract.client import RunnerDoor
from minispaces_contract.messages import Door, EdgeAccess, TicketAnswer, TicketPresented
from minispaces_runner.access_follower import AccessFollower
from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.routes import Target

pytestmark = pytest.mark.anyio
MINE, OPEN = "mine.apps.test", "open.apps.test"
ACCESS = EdgeAccess(
    doors={MINE: Door(circle="members", space_id="s1"), OPEN: Door(circle="open", space_id="s2")},
    keys={"session:a": "user:a", "session:b": "user:b"},
    allowed=frozenset({"user:a|s1", "user:b|s1"}),
)
SECONDS = 2.0


@pytest.fixture
async def sockets(settings, proxy):
    """Opens a WebSocket to `mine` or `open`, by a session's key."""

    async def echo(websocket):
        async for message in websocket:
            await websocket.send(message)

    ip = free_address()
    opened = []
    async with serve(echo, ip, 7860):
        routes = HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)
        await routes.put({MINE: Target(ip, 7860, "d1"), OPEN: Target(ip, 7860, "d1")})

        async def open_one(host, key=None):
            headers = [("Cookie", "minispaces_app=" + make_pass(settings, aud=host, sub=key))] if key else []
            url = f"ws://{host}:{settings.port}/"
            made = await connect(url, host="127.0.0.1", port=settings.port, proxy=None, additional_headers=headers)
            opened.append(made)
            return made

        yield open_one
        for each in opened:
            await each.close()


@pytest.fixture
async def follower(settings, client, door):
    door.access = ACCESS
    async with door.open(settings.internal_url):
        made = AccessFollower(RunnerDoor(settings), client, settings)
        await made.refresh()
        task = asyncio.create_task(made.run())
        yield made
        task.cancel()
        await asyncio.wait([task])


async def is_alive(websocket) -> bool:
    try:
        await websocket.send("x")
        return await asyncio.wait_for(websocket.recv(), 5) == "x"
    except ConnectionClosed:
        return False


async def ended_after(websocket) -> float:
    started = time.monotonic()
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(websocket.recv(), 10)
    return time.monotonic() - started


async def test_a_websocket_ends_when_its_session_does_and_others_stay(door, client, follower, sockets):
    theirs, mine, public = await sockets(MINE, "session:a"), await sockets(MINE, "session:b"), await sockets(OPEN)
    door.access = ACCESS.model_copy(update={"keys": {"session:b": "user:b"}})
    await client.publish(hints.ACCESS, b"")
    assert await ended_after(theirs) < SECONDS
    assert await is_alive(mine)
    assert await is_alive(public)
    with pytest.raises(Exception, match="401"):
        await sockets(MINE, "session:a")


@pytest.mark.parametrize(
    "changes",
    [
        {"allowed": frozenset({"user:b|s1"})},
        {"doors": {OPEN: ACCESS.doors[OPEN]}},
        {"keys": {}},
    ],
)
async def test_a_websocket_ends_when_its_right_does_without_any_hint(door, follower, sockets, changes):
    websocket = await sockets(MINE, "session:a")
    door.access = ACCESS.model_copy(update=changes)
    assert await ended_after(websocket) < SECONDS + 1


async def test_a_websocket_to_an_open_app_ends_when_that_is_no_longer_open(door, client, follower, sockets):
    websocket = await sockets(OPEN)
    closed = {OPEN: Door(circle="members", space_id="s2")}
    door.access = ACCESS.model_copy(update={"doors": closed})
    await client.publish(hints.ACCESS, b"")
    assert await ended_after(websocket) < SECONDS


async def test_an_event_stream_ends_when_its_right_does(door, client, follower, settings, proxy):
    @asynccontextmanager
    async def stream():
        async def events(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
            await reader.read()

        ip = free_address()
        async with await asyncio.start_server(events, ip, 7860):
            routes = HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)
            await routes.put({MINE: Target(ip, 7860, "d1")})
            reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
            token = make_pass(settings, aud=MINE, sub="session:a")
            writer.write(f"GET /?__sign={token} HTTP/1.1\r\nHost: {MINE}\r\n\r\n".encode())
            await reader.readuntil(b"data: 1\n\n")
            yield reader
            writer.close()

    async with stream() as reader:
        door.access = ACCESS.model_copy(update={"keys": {}})
        await client.publish(hints.ACCESS, b"")
        assert await asyncio.wait_for(reader.read(), SECONDS) == b""


async def test_the_proxy_knows_a_visitor_before_the_ticket_has_become_a_cookie(door, follower, sockets):
    newer = ACCESS.model_copy(update={"keys": {**ACCESS.keys, "session:c": "user:a"}})
    door.ticket = TicketAnswer(outcome="entered", token="x", seconds=1)
    door.access = newer
    assert (await follower.redeem(TicketPresented(ticket="t", host=MINE))).outcome == "entered"
    assert await is_alive(await sockets(MINE, "session:c"))


async def test_while_the_platform_is_away_the_last_word_stays(settings, client, door, proxy, sockets):
    follower = AccessFollower(RunnerDoor(settings), client, settings)
    await open_doors(settings, OPEN)
    task = asyncio.create_task(follower.run())
    websocket = await sockets(OPEN)
    assert await is_alive(websocket)
    task.cancel()
    await asyncio.wait([task])


async def test_a_proxy_that_was_away_learns_what_it_missed(door, follower, settings, proxy):
    keys = settings.proxy_maps / "keys.map"
    door.access = ACCESS.model_copy(update={"keys": {"session:new": "user:a"}})
    await eventually(lambda: keys.read_text() == "session:new user:a\n", seconds=5)
