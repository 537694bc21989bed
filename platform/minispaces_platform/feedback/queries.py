"""Reading a Space's inbox."""

from collections.abc import Iterator, Sequence
from typing import Literal

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, joinedload

from minispaces_platform.database import Database
from minispaces_platform.models.discussions import Feedback, FeedbackKind

PAGE_SIZE = 30
_BATCH = 500
Kind = Literal["", "message", "flag"]
State = Literal["open", "resolved"]


def list_feedback(session: Session, space_id: str, *, state: State, kind: Kind, before: str = "") -> Sequence[Feedback]:
    """Newest first; one more than a page holds, where there are more."""
    return session.scalars(
        select(Feedback)
        .options(joinedload(Feedback.author))
        .where(*_conditions(space_id, state, kind), Feedback.id < before if before else true())
        .order_by(Feedback.id.desc())
        .limit(PAGE_SIZE + 1)
    ).all()


def count_open(session: Session, space_id: str) -> int:
    open_ones = (Feedback.space_id == space_id, Feedback.resolved_at.is_(None))
    return session.scalar(select(func.count(Feedback.id)).where(*open_ones)) or 0


def every_feedback(database: Database, space_id: str, *, state: State, kind: Kind) -> Iterator[Feedback]:
    """All of them, a short transaction per batch."""
    last = ""
    while True:
        with database.reading() as session:
            batch = session.scalars(
                select(Feedback)
                .options(joinedload(Feedback.author))
                .where(*_conditions(space_id, state, kind), Feedback.id > last)
                .order_by(Feedback.id)
                .limit(_BATCH)
            ).all()
        yield from batch
        if len(batch) < _BATCH:
            return
        last = batch[-1].id


def _conditions(space_id: str, state: State, kind: Kind) -> list[ColumnElement[bool]]:
    resolved = Feedback.resolved_at.is_(None) if state == "open" else Feedback.resolved_at.is_not(None)
    return [Feedback.space_id == space_id, resolved, Feedback.kind == FeedbackKind(kind) if kind else true()]
