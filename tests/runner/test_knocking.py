"""What is heard of an app that answers, is silent, hangs up, or is not there."""

import asyncio
from contextlib import suppress

import pytest
from support.echo_server import free_address

from minispaces_runner.health import Heard, Knock
from minispaces_runner.knocking import knock
from minispaces_runner.routes import Target

pytestmark = pytest.mark.anyio


async def answer(reader, writer):
    with suppress(asyncio.IncompleteReadError):  # who only tries the port says nothing
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 Oh\r\n\r\n")
    writer.close()


async def be_silent(reader, writer):
    await reader.read()
    writer.close()


async def hang_up(reader, writer):
    writer.close()


@pytest.mark.parametrize(
    ("app", "tried", "asked"),
    [
        (answer, Heard.ANSWER, Heard.ANSWER),
        (be_silent, Heard.ANSWER, Heard.NOTHING),
        (hang_up, Heard.CLOSED, Heard.CLOSED),
    ],
)
async def test_the_app_is_heard(app, tried, asked):
    place = Target(free_address(), 7860, "d1")
    async with await asyncio.start_server(app, place.ip, place.port):
        assert await knock(place, Knock.TRY, host="h.test", seconds=0.3) is tried
        assert await knock(place, Knock.ASK, host="h.test", seconds=0.3) is asked


@pytest.mark.parametrize("kind", Knock)
async def test_nobody_is_there(kind):
    assert await knock(Target(free_address(), 1, "d1"), kind, host="h.test", seconds=0.3) is Heard.CLOSED
