"""Asking a running app for a sign of life."""

import asyncio

from minispaces_runner.health import Heard, Knock
from minispaces_runner.readiness import request_for
from minispaces_runner.routes import Target


async def knock(target: Target, kind: Knock, *, host: str, seconds: float) -> Heard:
    """An app that hangs up on a request is as closed as one that takes none; any answer at all is one."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(target.ip, target.port)
    except TimeoutError:
        return Heard.NOTHING
    except OSError:
        return Heard.CLOSED
    try:
        return await _ask(reader, writer, host, seconds) if kind is Knock.ASK else Heard.ANSWER
    finally:
        writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, seconds: float) -> Heard:
    writer.write(request_for(host, agent="minispaces-health"))
    try:
        async with asyncio.timeout(seconds):
            return Heard.ANSWER if await reader.read(1) else Heard.CLOSED
    except TimeoutError:
        return Heard.NOTHING
    except OSError:
        return Heard.CLOSED
