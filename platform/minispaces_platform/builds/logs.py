"""Reading logs: from their stream while it lasts, else from the archive that was made when the build ended."""

from dataclasses import dataclass

import anyio.to_thread
from redis import RedisError

from minispaces_contract import logstream
from minispaces_contract.logstream import Entry, Kind
from minispaces_platform.builds.archive import path_of, read_log
from minispaces_platform.parts import Parts

MAX_SHOWN = 5_000
"""Lines on a page; the whole log is a download."""


@dataclass(frozen=True, slots=True)
class Log:
    entries: tuple[Entry, ...]
    away: bool = False
    """The log's store does not answer, so that lines may be missing."""

    @property
    def ended(self) -> bool:
        return bool(self.entries) and self.entries[-1].kind is Kind.END

    @property
    def last_id(self) -> str:
        return self.entries[-1].id if self.entries else "0"


async def read_build_log(parts: Parts, build_id: str) -> Log:
    streamed = await _read(parts, logstream.build_log(build_id))
    if streamed.entries:
        return streamed
    archived = await anyio.to_thread.run_sync(list, read_log(path_of(parts, build_id)))
    return Log(tuple(archived), away=streamed.away and not archived)


async def read_app_log(parts: Parts, deployment_id: str) -> Log:
    return await _read(parts, logstream.app_log(deployment_id))


async def _read(parts: Parts, stream: str) -> Log:
    try:
        return Log(tuple(await logstream.read(parts.redis, stream)))
    except RedisError:
        return Log((), away=True)


def newest_shown(log: Log) -> tuple[tuple[Entry, ...], int]:
    """What a page shows, and how many earlier lines it leaves out."""
    left_out = max(0, len(log.entries) - MAX_SHOWN)
    return log.entries[left_out:], left_out
