"""Carry an app's output to its log stream, and to its build's stream for as long as the app starts."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable

import redis
import redis.asyncio
import structlog

from minispaces_contract import logstream
from minispaces_contract.logstream import Entry, Kind
from minispaces_runner.engine import Engine, EngineError
from minispaces_runner.masking import Mask
from minispaces_runner.waiting import heed_cancellation

_QUEUED_LINES = 2000
_REDIS_SECONDS = 5
_PAUSE = 1.0
"""Seconds between two tries while Redis is away."""

log = structlog.get_logger()

Queue = asyncio.Queue[tuple[Entry, str | None] | None]
"""An entry with the build's stream it also belongs to; None is the end."""


async def forward_logs(
    engine: Engine, client: redis.asyncio.Redis, *, deployment_id: str, build_log: Callable[[], str | None], mask: Mask
) -> None:
    """Until the app has ended, with its secrets masked. `build_log` names the second stream at each line, or None.

    While Redis is away lines wait here, then in the engine: its cursor only moves as they are read.
    """
    queue: Queue = asyncio.Queue(_QUEUED_LINES)
    async with asyncio.TaskGroup() as group:
        group.create_task(_read(engine, deployment_id, queue, build_log, mask))
        group.create_task(_write(client, logstream.app_log(deployment_id), queue))


async def append_patiently(client: redis.asyncio.Redis, stream: str, *entries: Entry, seconds: float) -> bool:
    """Lines may be lost, so after `seconds` without Redis they are. True when written."""
    try:
        async with asyncio.timeout(seconds):
            await logstream.append_async(client, stream, *entries)
    except (redis.RedisError, OSError, TimeoutError):
        return False
    return True


async def _read(
    engine: Engine, deployment_id: str, queue: Queue, build_log: Callable[[], str | None], mask: Mask
) -> None:
    try:
        async for line in engine.logs(deployment_id):
            await queue.put((logstream.entry(Kind.LINE, mask(line)), build_log()))
    except EngineError as error:
        log.warning("app_log_lost", deployment=deployment_id, reason=str(error))
    await queue.put(None)


async def _write(client: redis.asyncio.Redis, app_log: str, queue: Queue) -> None:
    ended = False
    while not ended:
        batch = [await queue.get()]
        while not queue.empty():
            batch.append(queue.get_nowait())
        ended = batch[-1] is None
        for stream, entries in _by_stream(app_log, [item for item in batch if item is not None]).items():
            await _append_in_the_end(client, stream, entries)
            heed_cancellation()


async def _append_in_the_end(client: redis.asyncio.Redis, stream: str, entries: list[Entry]) -> None:
    written = False
    while not written:
        written = await append_patiently(client, stream, *entries, seconds=_REDIS_SECONDS)
        if not written:
            await asyncio.sleep(_PAUSE)


def _by_stream(app_log: str, batch: Iterable[tuple[Entry, str | None]]) -> dict[str, list[Entry]]:
    streams: dict[str, list[Entry]] = defaultdict(list)
    for entry, build_log in batch:
        streams[app_log].append(entry)
        if build_log is not None:
            streams[build_log].append(entry)
    return streams
