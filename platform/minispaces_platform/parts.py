"""What every handler may need, made once at start and handed on by FastAPI."""

from dataclasses import dataclass, field
from typing import Annotated

from celery import Celery
from fastapi import Depends, Request
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from minispaces_platform.accounts.directory import Directory
from minispaces_platform.database import Database
from minispaces_platform.edge.announcing import announce_access
from minispaces_platform.gallery.indexing import keep_searchable
from minispaces_platform.kept import Kept
from minispaces_platform.notices.board import Board
from minispaces_platform.repos.store import RepositoryStore
from minispaces_platform.settings import PlatformSettings

MOST_FOLLOWERS = 1000
"""Pushes and pages that follow a log at the same time: each holds a connection to Redis."""


@dataclass(frozen=True, slots=True)
class Parts:
    settings: PlatformSettings
    database: Database
    store: RepositoryStore
    redis: AsyncRedis
    """For following logs and hints in asynchronous handlers."""
    redis_sync: Redis
    """For writing logs and hints from services, which run in threads."""
    queue: Celery
    """Sends builds by name; this room imports no task."""
    board: Board = field(default_factory=Board)
    kept: Kept = field(default_factory=Kept)
    directory: Directory = field(default_factory=Directory)
    """What the sign-in providers have said of themselves."""


def open_parts(settings: PlatformSettings) -> Parts:
    """Connects lazily: the platform starts, and serves pages and git, while Redis is still away."""
    database = Database(settings.effective_database_url)
    redis_sync = Redis.from_url(settings.redis_url, socket_timeout=2)
    announce_access(database, redis_sync)
    keep_searchable(database.sessions)
    kept = Kept()
    kept.watch(database)
    return Parts(
        settings=settings,
        database=database,
        store=RepositoryStore(settings),
        redis=AsyncRedis.from_url(settings.redis_url, max_connections=MOST_FOLLOWERS),
        redis_sync=redis_sync,
        queue=_queue(settings),
        kept=kept,
    )


def _queue(settings: PlatformSettings) -> Celery:
    """Says at once when the broker is away: the database is the queue of record, and the janitor sends again."""
    queue = Celery("platform", broker=settings.broker_url)
    queue.conf.update(
        broker_connection_retry=False,
        broker_connection_max_retries=0,
        broker_transport_options={"max_retries": 0, "interval_start": 0, "interval_max": 0},
    )
    return queue


async def close_parts(parts: Parts) -> None:
    await parts.redis.aclose()
    parts.redis_sync.close()
    parts.queue.close()
    parts.database.dispose()


async def get_parts(request: Request) -> Parts:
    """Asynchronous, as nothing here waits: the other kind costs a change of threads on every request."""
    parts: Parts = request.app.state.parts
    return parts


PartsDep = Annotated[Parts, Depends(get_parts)]
