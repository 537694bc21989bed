"""Follow a build to its end, for whoever waits: from the log stream, and from the database when the stream is gone."""

import asyncio
from collections.abc import AsyncIterator

import anyio.to_thread
import redis

from minispaces_contract import logstream
from minispaces_contract.logstream import Entry, Kind, entry
from minispaces_platform.parts import Parts
from minispaces_platform.pushes.outcome import FAILED, LIVE, Outcome, outcome_of

IDLE_SECONDS = 5.0


async def follow_build(parts: Parts, build_id: str) -> AsyncIterator[Entry | None]:
    """Entries as they come, None after each silence; always ends with an `end` entry."""
    stream, after, ended_before = logstream.build_log(build_id), "0", False
    while True:
        try:
            async for item in logstream.follow(parts.redis, stream, after=after, idle_seconds=IDLE_SECONDS):
                yield item
                if item is None:
                    break
                after = item.id
                if item.kind is Kind.END:
                    return
        except redis.RedisError:
            yield None
            await asyncio.sleep(1)
        outcome = await anyio.to_thread.run_sync(_outcome, parts, build_id)
        if outcome and ended_before:  # one more silence, so that the stream's own end comes first
            for item in (*outcome.entries, entry(Kind.END, LIVE if outcome.live else FAILED)):
                yield item
            return
        ended_before = outcome is not None


def _outcome(parts: Parts, build_id: str) -> Outcome | None:
    with parts.database.reading() as session:
        return outcome_of(session, build_id, parts=parts)
