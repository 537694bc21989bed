"""Waiting with an end."""

import asyncio
from contextlib import suppress


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set or `seconds` have passed; the caller looks which."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
