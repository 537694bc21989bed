"""Server-sent events: how long a connection lives, how many there may be, and when to look again.

A hint only makes us look; what is sent was read from the database. Browsers reconnect by themselves.
"""

import json
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import anyio
from fastapi.sse import format_sse_event
from redis import RedisError
from redis.asyncio import Redis
from starlette.responses import Response, StreamingResponse

from minispaces_contract import hints

LIFE_SECONDS = 600
QUIET_SECONDS = 15
AWAY_SECONDS = 2
"""How often to look while Redis, and with it every hint, is away."""
KEEPALIVE = b": still here\n\n"

_open: set[object] = set()


def event(name: str, data: object, *, id: str | None = None) -> bytes:  # noqa: A002 - the wire's own word
    return format_sse_event(data_str=json.dumps(data, ensure_ascii=False), event=name, id=id)


GONE = event("gone", None)
"""There is nothing more to follow, or not for this visitor: a browser must not come back."""


def event_stream(chunks: AsyncGenerator[bytes], *, redis: Redis) -> Response:
    """Each open stream holds one Redis connection; git pushes, which follow logs too, keep a quarter of the pool."""
    if len(_open) >= redis.connection_pool.max_connections * 3 // 4:
        return Response(status_code=503, headers={"Retry-After": "10"})
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_limited(chunks), media_type="text/event-stream", headers=headers)


async def _limited(chunks: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    """Ends after LIFE_SECONDS, give or take a tenth, so that pages do not all come back at once."""
    mark = object()
    _open.add(mark)
    ends = time.monotonic() + LIFE_SECONDS * random.uniform(0.9, 1.1)  # noqa: S311 - spreads load, guards nothing
    try:
        yield b"retry: 1000\n\n"
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk
                if time.monotonic() > ends:
                    return
    finally:
        _open.discard(mark)


async def looks(redis: Redis, channel: str) -> AsyncGenerator[None]:
    """Yield whenever it is worth reading again: at once, at each hint, after silence, and often while Redis is away."""
    while True:
        try:
            async with aclosing(hints.wait(redis, channel, seconds=QUIET_SECONDS)) as given:  # type: ignore[type-var]
                async for _ in given:
                    yield
        except RedisError:
            yield
            await anyio.sleep(AWAY_SECONDS)
