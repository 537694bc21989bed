"""Sending feedback from a Space's page, and the inbox of those who may push to it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response, StreamingResponse

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.actors import CurrentActor, user_of
from minispaces_platform.feedback import queries, service
from minispaces_platform.feedback.queries import Kind, State
from minispaces_platform.feedback.views import InboxView, WriteView, csv_lines, items_of
from minispaces_platform.forms import NO_PROBLEM, FormProblem, submit
from minispaces_platform.guard import OnSpace, Readable, WithLogs, Writable
from minispaces_platform.limits import limit_where_counted
from minispaces_platform.models.spaces import Space
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.overview import head_of
from minispaces_platform.spaces.views import SpaceView

router = APIRouter(prefix="/spaces/{owner}/{name}", include_in_schema=False)

Discussed = Annotated[Space, Depends(OnSpace(Action.DISCUSS))]
Words = Annotated[str, Form(max_length=service.TEXT_MAX)]
MOST = 20
"""By one person in ten minutes."""


@router.get("/feedback")
def show_feedback(
    space: Readable, parts: PartsDep, actor: CurrentActor, *, state: State = "open", kind: Kind = "", before: str = ""
) -> Response:
    """The inbox to those who may push, the form to everybody else."""
    if not may(actor, Action.READ_LOGS, space):
        return _form_page(parts, actor, space)
    with parts.database.reading() as session:
        shown = _space_view(session, parts, actor, space)
        found = queries.list_feedback(session, space.id, state=state, kind=kind, before=before)
        waiting = queries.count_open(session, space.id)
    items, older = items_of(found)
    return render("feedback/inbox.html", InboxView(shown, items, state, kind, waiting, older), user=actor.user)


@router.get("/feedback.csv")
def download(space: WithLogs, parts: PartsDep, *, state: State = "open", kind: Kind = "") -> Response:
    lines = csv_lines(queries.every_feedback(parts.database, space.id, state=state, kind=kind))
    headers = {"Content-Disposition": f'attachment; filename="feedback-{space.name}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/feedback")
def send(space: Discussed, parts: PartsDep, actor: CurrentActor, text: Words = "") -> Response:
    def change(session: Session) -> str:
        limit_where_counted(parts, "feedback", user_of(actor).id, most=MOST)
        service.send_feedback(session, actor, space, text=text)
        return f"{_path(space)}/thanks"

    def again(problem: FormProblem, status: int) -> Response:
        return _form_page(parts, actor, space, text=text, problem=problem, status=status)

    return submit(parts, change, form="feedback", again=again)


@router.get("/feedback/thanks")
def thank(space: Readable, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.reading() as session:
        shown = _space_view(session, parts, actor, space)
    return render("feedback/thanks.html", shown, user=actor.user)


@router.post("/feedback/resolve-all")
def resolve_all(space: Writable, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.writing() as session:
        service.resolve_all(session, actor, space)
    return RedirectResponse(_path(space), 303)


@router.post("/feedback/{feedback_id}/resolve")
def resolve(space: Writable, feedback_id: str, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.writing() as session:
        service.set_resolved(session, actor, space, feedback_id, resolved=True)
    return RedirectResponse(_path(space), 303)


@router.post("/feedback/{feedback_id}/reopen")
def reopen(space: Writable, feedback_id: str, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.writing() as session:
        service.set_resolved(session, actor, space, feedback_id, resolved=False)
    return RedirectResponse(f"{_path(space)}?state=resolved", 303)


def _form_page(
    parts: Parts, actor: Actor, space: Space,
    *, text: str = "", problem: FormProblem = NO_PROBLEM, status: int = 200,
) -> Response:  # fmt: skip
    with parts.database.reading() as session:
        shown = _space_view(session, parts, actor, space)
    view = WriteView(shown, text, may(actor, Action.DISCUSS, space), problem)
    return render("feedback/write.html", view, user=actor.user, status=status)


def _space_view(session: Session, parts: Parts, actor: Actor, space: Space) -> SpaceView:
    return head_of(session, parts, actor, space, tab="feedback")


def _path(space: Space) -> str:
    return f"/spaces/{space.full_name}/feedback"
