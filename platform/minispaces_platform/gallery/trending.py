"""What trends: likes and visits of the last days, each counting half as much after three. The janitor works it out."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from minispaces_platform.database import Database, now
from minispaces_platform.models.likes import Like
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.visits import VisitDay

DAYS: Final = 21
"""What is older weighs less than a hundredth."""
_HALF: Final = timedelta(days=3)
_VISIT: Final = 0.1
_BATCH: Final = 500
_NOTICEABLE: Final = 0.01


def refresh_trending(database: Database) -> int:
    """How many Spaces trend otherwise than before. Short transactions: pushes do not wait for it."""
    at = now()
    with database.reading() as session:
        scores = _scores(session, at)
        before = _written(session, set(scores))
    changed = [
        {"id": space_id, "trending": scores.get(space_id, 0.0)}
        for space_id, score in before.items()
        if abs(scores.get(space_id, 0.0) - score) >= _NOTICEABLE
    ]
    for start in range(0, len(changed), _BATCH):
        with database.writing() as session:
            session.execute(update(Space), changed[start : start + _BATCH])
    return len(changed)


def weight(age: timedelta) -> float:
    return float(0.5 ** max(age / _HALF, 0.0))


def _scores(session: Session, at: datetime) -> dict[str, float]:
    since = at - timedelta(days=DAYS)
    found: dict[str, float] = defaultdict(float)
    for space_id, made in session.execute(select(Space.id, Space.created_at).where(Space.created_at > since)):
        found[space_id] += weight(at - made)
    for space_id, liked in session.execute(select(Like.space_id, Like.created_at).where(Like.created_at > since)):
        found[space_id] += weight(at - liked)
    visits = select(VisitDay.space_id, VisitDay.day, VisitDay.visits).where(VisitDay.day > since.date())
    for space_id, day, count in session.execute(visits):
        found[space_id] += _VISIT * count * weight(_age(day, at))
    return found


def _age(day: date, at: datetime) -> timedelta:
    return timedelta(days=(at.date() - day).days)


def _written(session: Session, scored: set[str]) -> dict[str, float]:
    """As the rows say it: of those that have a score, and of those that had one."""
    rows = session.execute(select(Space.id, Space.trending).where(Space.trending > 0)).all()
    return dict.fromkeys(scored, 0.0) | dict(rows)
