"""Looking sooner than the next sweep: hints are heard for as long as Redis is there to give any."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import redis
import redis.asyncio

from minispaces_contract import hints
from minispaces_runner.waiting import heed_cancellation

_PAUSE = 1.0
"""Between two tries while Redis is away."""


async def follow_hints(
    client: redis.asyncio.Redis, channel: str, hear: Callable[[str], object], *, seconds: float
) -> None:
    """For ever. `seconds` is how long a silence may be before the connection is looked at."""
    while True:
        with suppress(redis.RedisError, OSError):
            async for hinted in hints.wait(client, channel, seconds=seconds):
                heed_cancellation()
                if hinted:
                    hear(hinted)
        await asyncio.sleep(_PAUSE)
