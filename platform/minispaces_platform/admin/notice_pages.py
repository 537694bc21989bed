"""Announcements and maintenance: what everybody reads above every page."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_platform.access import Actor
from minispaces_platform.database import after_commit
from minispaces_platform.errors import InvalidError
from minispaces_platform.forms import NO_PROBLEM, FormProblem, Text, submit
from minispaces_platform.guard import Admin
from minispaces_platform.models.notices import NoticeKind, Tone
from minispaces_platform.notices import service
from minispaces_platform.notices.board import Posted
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep

router = APIRouter(prefix="/admin/notices", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class NoticesView:
    posted: tuple[Posted, ...]
    is_maintained: bool
    text: str
    hours: str
    problem: FormProblem


@router.get("")
def show_notices(admin: Admin, parts: PartsDep) -> Response:
    parts.board.look(parts.database)
    return _page(parts, admin)


@router.post("")
def post_notice(
    admin: Admin, parts: PartsDep, *, text: Text = "", hours: Text = "",
    kind: Annotated[NoticeKind, Form()] = NoticeKind.ANNOUNCEMENT, tone: Annotated[Tone, Form()] = Tone.NEWS,
) -> Response:  # fmt: skip
    def change(session: Session) -> str:
        shown = Tone.WARNING if kind is NoticeKind.MAINTENANCE else tone
        service.post_notice(session, admin, kind=kind, tone=shown, text=text, hours=_hours(hours))
        after_commit(session, lambda: parts.board.look(parts.database))
        return "/admin/notices"

    def again(problem: FormProblem, status: int) -> Response:
        return _page(parts, admin, text=text, hours=hours, problem=problem, status=status)

    return submit(parts, change, form=kind.value, again=again)


@router.post("/{notice_id}/end")
def end_notice(admin: Admin, notice_id: str, parts: PartsDep) -> Response:
    def change(session: Session) -> str:
        service.end_notice(session, admin, notice_id)
        after_commit(session, lambda: parts.board.look(parts.database))
        return "/admin/notices"

    return submit(parts, change, form="end", again=lambda problem, status: _page(
        parts, admin, problem=problem, status=status
    ))  # fmt: skip


def _hours(typed: str) -> float | None:
    try:
        return float(typed) if typed.strip() else None
    except ValueError:
        raise InvalidError(f"{typed[:20]!r} is no number of hours.", hint="Such as 2 or 0.5, or nothing.") from None


def _page(
    parts: Parts, admin: Actor, *, text: str = "", hours: str = "", problem: FormProblem = NO_PROBLEM, status: int = 200
) -> Response:
    posted = parts.board.posted
    view = NoticesView(posted, any(each.stops_changes for each in posted), text, hours, problem)
    return render("admin/notices.html", view, user=admin.user, status=status)
