"""Logs of ended builds, moved from Redis to disk: one gzipped JSON line per entry."""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import anyio.to_thread
from sqlalchemy import select, update

from minispaces_contract import logstream
from minispaces_contract.logstream import Entry, Kind
from minispaces_platform.database import now
from minispaces_platform.models import Build
from minispaces_platform.parts import Parts

KEPT_IN_REDIS_SECONDS = 3600
WAITED_FOR = timedelta(hours=1)
"""A log that has no end by then gets none: Redis was emptied, or the words were lost on their way."""
_AT_ONCE = 100


def path_of(parts: Parts, build_id: str) -> Path:
    return parts.settings.archived_logs / f"{build_id}.jsonl.gz"


def unarchived(parts: Parts) -> list[tuple[str, datetime]]:
    """Ended builds and when they ended, newest first: what never ends must not keep others waiting."""
    final = select(Build.id, Build.finished_at).where(Build.finished_at.is_not(None), Build.log_archived.is_(False))
    with parts.database.reading() as session:
        newest = session.execute(final.order_by(Build.id.desc()).limit(_AT_ONCE))
        return [(build_id, at) for build_id, at in newest if at]


async def archive_log(parts: Parts, build_id: str, *, ended_at: datetime) -> bool:
    """False while the log's end is waited for. Raises `redis.RedisError`."""
    entries = await logstream.read(parts.redis, logstream.build_log(build_id))
    has_ended = bool(entries) and entries[-1].kind is Kind.END
    if not has_ended and ended_at > now() - WAITED_FOR:
        return False
    await anyio.to_thread.run_sync(_archive, parts, build_id, entries)
    await parts.redis.expire(logstream.build_log(build_id), KEPT_IN_REDIS_SECONDS)
    return True


def _archive(parts: Parts, build_id: str, entries: list[Entry]) -> None:
    if entries:
        write_log(path_of(parts, build_id), entries)
    with parts.database.writing() as session:
        session.execute(update(Build).where(Build.id == build_id).values(log_archived=True))


def write_log(path: Path, entries: list[Entry]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with gzip.open(unfinished, "wt", encoding="utf-8") as file:
        for item in entries:
            file.write(json.dumps({"k": item.kind, "m": item.text, "t": item.at}, ensure_ascii=False) + "\n")
    unfinished.rename(path)


def read_log(path: Path) -> Iterator[Entry]:
    """Nothing where there is no archive."""
    if not path.exists():
        return
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            item = json.loads(line)
            yield Entry(Kind(item["k"]), item["m"], item["t"])
