"""Asking a running app for a sign of life."""

import asyncio

from minispaces_runner.health import Heard, Knock
from minispaces_runner.readiness import request_for
from minispaces_runner.routes import Target

_HANGS_UP_SECONDS = 0.05
"""A relay takes connections for an app that does not, and ends them at once."""


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
        if kind is Knock.TRY:
            heard = await _listen(reader, _HANGS_UP_SECONDS)
            return Heard.ANSWER if heard is Heard.NOTHING else heard
        writer.write(request_for(host, agent="minispaces-health"))
        return await _listen(reader, seconds)
    finally:
        writer.close()


async def _listen(reader: asyncio.StreamReader, seconds: float) -> Heard:
    try:
        async with asyncio.timeout(seconds):
            return Heard.ANSWER if await reader.read(1) else Heard.CLOSED
    except TimeoutError:
        return Heard.NOTHING
    except OSError:
        return Heard.CLOSED
