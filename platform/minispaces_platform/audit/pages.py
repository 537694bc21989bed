"""The audit log for admins: searched on a page, exported as JSON lines."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response, StreamingResponse

from minispaces_platform.audit.queries import PAGE_SIZE, AuditFilter, every_event, list_events
from minispaces_platform.audit.views import audit_view, json_line
from minispaces_platform.errors import InvalidError
from minispaces_platform.guard import Admin, OnPlatform
from minispaces_platform.pages import render
from minispaces_platform.parts import PartsDep
from minispaces_platform.wording import tidy

router = APIRouter(prefix="/admin", include_in_schema=False)

Words = Annotated[str, Query(max_length=200)]


def read_filter(
    *, person: Words = "", action: Words = "", thing: Words = "", text: Words = "",
    since: Words = "", until: Words = "", before: Words = "",
) -> AuditFilter:  # fmt: skip
    """As a form sends it: what was left empty is there, and empty."""
    days = {"since": _day(since), "until": _day(until)}
    return AuditFilter(tidy(person), tidy(action), tidy(thing), tidy(text), **days, before=tidy(before))


Wanted = Annotated[AuditFilter, Depends(read_filter)]


@router.get("/audit")
def show_audit(admin: Admin, wanted: Wanted, parts: PartsDep) -> Response:
    with parts.database.reading() as session:
        events = list_events(session, wanted, limit=PAGE_SIZE + 1)
    return render("admin/audit.html", audit_view(events, wanted), user=admin.user)


@router.get("/audit.jsonl", dependencies=[Depends(OnPlatform())])
def export_audit(wanted: Wanted, parts: PartsDep) -> Response:
    lines = map(json_line, every_event(parts.database, wanted))
    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type="application/jsonl", headers=headers)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise InvalidError(f"{text[:40]!r} is no day.", hint="Days look like 2026-05-31.") from None
