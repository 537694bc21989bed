"""Reading logs: from their stream while it lasts, else from the archive that was made when the build ended."""

import gzip
import json
from collections import deque
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import anyio.to_thread
from redis import RedisError

from minispaces_contract import logstream
from minispaces_contract.logstream import Entry, Kind
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


def archive_path(folder: Path, build_id: str) -> Path:
    return folder / f"{build_id}.jsonl.gz"


def read_archive(path: Path) -> tuple[Entry, ...]:
    """The newest lines, as many as a stream holds; none when there is no archive, or half of one."""
    newest: deque[Entry] = deque(maxlen=logstream.MAX_ENTRIES)
    try:
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
            newest.extend(map(_parse, lines))
    except (OSError, EOFError, ValueError, KeyError):
        pass  # what could be read is more than nothing
    return tuple(newest)


def _parse(line: str) -> Entry:
    fields = json.loads(line)
    return Entry(Kind(fields["k"]), str(fields["m"]), float(fields["t"]))


async def read_build_log(parts: Parts, build_id: str) -> Log:
    streamed = await _read(parts, logstream.build_log(build_id))
    if streamed.entries:
        return streamed
    archive = archive_path(parts.settings.archived_logs, build_id)
    entries = await anyio.to_thread.run_sync(read_archive, archive)
    return Log(entries, away=streamed.away and not entries)


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
    return tuple(islice(log.entries, left_out, None)), left_out
