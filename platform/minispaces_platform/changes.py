"""Telling whoever watches what changed, once it is on disk: open pages, the runner, the proxy."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from sqlalchemy.orm import Session

from minispaces_contract import hints
from minispaces_platform.database import Database


def announce(session: Session, *channels: str) -> None:
    """Services say what to hint about; `changing` gives the hints."""
    session.info.setdefault("hints", set()).update(channels)


@contextmanager
def changing(database: Database, redis: Redis) -> Iterator[Session]:
    """`database.writing`, and the hints when it is committed."""
    with database.writing() as session:
        yield session
    for channel in sorted(session.info.pop("hints", ())):
        hints.give(redis, channel)
