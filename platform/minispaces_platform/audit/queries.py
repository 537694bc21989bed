"""Searching the audit log: newest first, a page at a time by its key, so that a long log is as quick as a short one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, SQLColumnExpression, String, cast, func, or_, select, true
from sqlalchemy.orm import Session

from minispaces_platform.database import Database
from minispaces_platform.models.audit import AuditEvent

PAGE_SIZE = 100
_BATCH = 500


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Empty fields let everything through. `since` and `until` are days, both included, in UTC."""

    person: str = ""
    action: str = ""
    thing: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None
    before: str = ""
    """The id that the page before ended with."""


def list_events(session: Session, wanted: AuditFilter, *, limit: int) -> list[AuditEvent]:
    events = select(AuditEvent).where(*_conditions(wanted)).order_by(AuditEvent.id.desc()).limit(limit)
    return list(session.scalars(events))


def every_event(database: Database, wanted: AuditFilter) -> Iterator[AuditEvent]:
    """All of them, a short transaction per batch: a slow reader holds nothing up."""
    while True:
        with database.reading() as session:
            batch = list_events(session, wanted, limit=_BATCH)
        yield from batch
        if len(batch) < _BATCH:
            return
        wanted = replace(wanted, before=batch[-1].id)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    event = AuditEvent
    everywhere = (event.actor_name, event.action, event.subject_name, event.address, cast(event.details, String))
    return [
        _holds(wanted.person, event.actor_name),
        _holds(wanted.action, event.action),
        _holds(wanted.thing, event.subject_name),
        or_(*(_holds(wanted.text, column) for column in everywhere)),
        event.at >= datetime.combine(wanted.since, time.min, UTC) if wanted.since else true(),
        event.at <= datetime.combine(wanted.until, time.max, UTC) if wanted.until else true(),
        event.id < wanted.before if wanted.before else true(),
    ]


def _holds(text: str, column: SQLColumnExpression[str]) -> ColumnElement[bool]:
    return func.lower(column).contains(text.lower(), autoescape=True) if text else true()
