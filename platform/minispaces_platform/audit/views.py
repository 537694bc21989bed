"""The audit log's rows as people and programs read them. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from minispaces_platform.audit.queries import PAGE_SIZE, AuditFilter
from minispaces_platform.models.audit import AuditEvent


@dataclass(frozen=True, slots=True)
class EventView:
    at: datetime
    actor: str
    carrier: str
    action: str
    kind: str
    thing: str
    details: tuple[tuple[str, str], ...]
    address: str
    request_id: str


@dataclass(frozen=True, slots=True)
class AuditView:
    """`query` is the filter as an address's query, `older` the same for the next page, empty on the last."""

    events: tuple[EventView, ...]
    wanted: AuditFilter
    query: str
    older: str


def audit_view(events: list[AuditEvent], wanted: AuditFilter) -> AuditView:
    shown = events[:PAGE_SIZE]
    older = query_of(wanted, before=shown[-1].id) if len(events) > PAGE_SIZE else ""
    return AuditView(tuple(map(event_view, shown)), wanted, query_of(wanted), older)


def query_of(wanted: AuditFilter, *, before: str = "") -> str:
    fields = {
        "person": wanted.person, "action": wanted.action, "thing": wanted.thing, "text": wanted.text,
        "since": wanted.since or "", "until": wanted.until or "", "before": before,
    }  # fmt: skip
    return urlencode({name: value for name, value in fields.items() if value})


def event_view(event: AuditEvent) -> EventView:
    details = tuple((name, str(value)) for name, value in event.details.items() if value not in (None, ""))
    return EventView(
        event.at, event.actor_name, event.carrier, event.action, event.subject_kind, event.subject_name, details,
        event.address, event.request_id,
    )  # fmt: skip


def json_line(event: AuditEvent) -> str:
    """One line; control characters are escaped, so that no detail can begin another."""
    row = {
        "id": event.id, "at": event.at.isoformat(),
        "actor": {"id": event.actor_id, "name": event.actor_name, "carrier": event.carrier}, "action": event.action,
        "subject": {"kind": event.subject_kind, "id": event.subject_id, "name": event.subject_name},
        "details": event.details, "address": event.address, "request_id": event.request_id,
    }  # fmt: skip
    return f"{json.dumps(row)}\n"
