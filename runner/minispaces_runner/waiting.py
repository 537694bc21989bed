"""Waiting that ends."""

import asyncio
from contextlib import suppress


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set or `seconds` have passed; the caller looks which."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def heed_cancellation() -> None:
    """Raise a cancellation that was swallowed on the way here.

    Python 3.11's `asyncio.wait_for` may do that, and the Redis client uses it: a loop over Redis would go on for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
