"""Hints go sideways: "something changed, look now". Losing one only means looking a little later."""

from collections.abc import AsyncIterator
from contextlib import suppress

import redis
import redis.asyncio

WORLD = "minispaces:hint:world"
"""The desired world changed, in more than one Space: the runner's cue."""

ACCESS = "minispaces:hint:access"
"""Who may come in where has changed: the runner's cue as well."""


def world(space_id: str) -> str:
    """The desired world changed in this Space only: the runner's cue."""
    return f"{WORLD}:{space_id}"


def space(space_id: str) -> str:
    """Something about this Space changed: the cue of open pages and waiting pushes."""
    return f"minispaces:hint:space:{space_id}"


def give(client: redis.Redis, channel: str) -> None:
    with suppress(redis.RedisError):
        client.publish(channel, b"")


async def wait(client: redis.asyncio.Redis, channel: str, *, seconds: float) -> AsyncIterator[str | None]:
    """Yield the channel of each hint and None after `seconds` of silence, for ever. A `*` stands for any ending.

    Raises `redis.RedisError` when the server goes away; callers fall back on their own period.
    """
    async with client.pubsub() as pubsub:
        await pubsub.psubscribe(channel)
        yield channel  # whatever happened before the subscription counts as a change
        while True:
            message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=seconds)
            yield message and bytes(message["channel"]).decode()
