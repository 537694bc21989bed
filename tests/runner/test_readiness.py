"""When an app counts as ready."""

import asyncio
from contextlib import suppress

import pytest
from support.echo_server import free_address

from minispaces_runner.engine import Instance
from minispaces_runner.readiness import Answer, await_answer

pytestmark = pytest.mark.anyio


@pytest.fixture
def wait():
    """Wait for an app that gives these answers, one a request; the last one again and again."""

    async def wait(*answers, seconds=5.0):
        left = list(answers)

        async def answer(reader, writer):
            with suppress(asyncio.IncompleteReadError):  # the one who waits has given up
                await reader.readuntil(b"\r\n\r\n")
            writer.write(left.pop(0) if len(left) > 1 else left[0])
            writer.close()

        ip = free_address()
        async with await asyncio.start_server(answer, ip, 7860):
            return await await_answer(Instance("d", "s", ip, 7860, 0), host="h.test", seconds=seconds)

    return wait


def http(status):
    return f"HTTP/1.1 {status} Words\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("status", [200, 204, 302, 307, 401, 403, 404, 405])
async def test_any_answer_below_500_counts(wait, status):
    assert await wait(http(status)) == Answer(ready=True, status=status)


async def test_errors_of_the_app_are_waited_out(wait):
    assert await wait(http(502), http(503), http(200)) == Answer(ready=True, status=200)


async def test_an_app_that_stays_with_its_error_is_not_ready(wait):
    assert await wait(http(500), seconds=0.3) == Answer(ready=False, status=500)


async def test_what_speaks_no_http_is_not_ready(wait):
    assert await wait(b"SSH-2.0-x\r\n", seconds=0.3) == Answer(ready=False, status=None)
    assert await wait(b"", seconds=0.3) == Answer(ready=False, status=None)
    assert await wait(b"x" * 100_000, seconds=0.3) == Answer(ready=False, status=None)


async def test_an_app_that_opens_its_port_late_is_seen_soon_after():
    instance = Instance("d", "s", free_address(), 7860, 0)
    loop, opened = asyncio.get_running_loop(), []

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(http(200))
        writer.close()

    async def open_late():
        await asyncio.sleep(0.3)
        opened.append(loop.time())
        return await asyncio.start_server(answer, instance.ip, instance.port)

    server = asyncio.create_task(open_late())
    assert (await await_answer(instance, host="h.test", seconds=5)).ready
    assert loop.time() - opened[0] < 0.5
    (await server).close()


async def test_a_port_that_never_opens_ends_the_wait():
    answer = await await_answer(Instance("d", "s", free_address(), 1, 0), host="h.test", seconds=0.2)
    assert answer == Answer(ready=False, status=None)
