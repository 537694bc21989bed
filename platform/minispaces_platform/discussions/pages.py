"""A Space's discussions: the list, one of them, and what is done there."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query
from pydantic import AfterValidator
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.actors import CurrentActor, user_of
from minispaces_platform.discussions import queries, service
from minispaces_platform.discussions.markdown import mentions_in
from minispaces_platform.discussions.views import (
    DiscussionsView,
    DiscussionView,
    NewDiscussionView,
    comments_of,
    row_of,
    rows_of,
)
from minispaces_platform.forms import NO_PROBLEM, FormProblem, Text, submit
from minispaces_platform.guard import OnSpace, Readable
from minispaces_platform.limits import limit_where_counted
from minispaces_platform.models.discussions import Comment, Discussion
from minispaces_platform.models.spaces import Space
from minispaces_platform.notifications.recipients import is_following
from minispaces_platform.notifications.service import read_discussion
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.overview import head_of
from minispaces_platform.spaces.views import SpaceView

router = APIRouter(prefix="/spaces/{owner}/{name}/discussions", include_in_schema=False)

Discussed = Annotated[Space, Depends(OnSpace(Action.DISCUSS))]
Moderated = Annotated[Space, Depends(OnSpace(Action.WRITE))]
Page = Annotated[int, Query(ge=1, le=10_000)]
Words = Annotated[str, Form(max_length=service.TEXT_MAX), AfterValidator(lambda text: text.replace("\0", ""))]
MOST_COMMENTS = 40
"""By one person in ten minutes."""
NUMBER = "/{number}"


@router.get("")
def show_discussions(
    space: Readable, parts: PartsDep, actor: CurrentActor, *, state: Literal["open", "closed"] = "open", page: Page = 1
) -> Response:
    with parts.database.reading() as session:
        shown = _space_view(session, parts, actor, space)
        found = queries.list_discussions(session, space.id, closed=state == "closed", page=page)
        opened, closed = queries.count_discussions(session, space.id)
    view = DiscussionsView(
        space=shown, rows=rows_of(found), closed=state == "closed", opened_count=opened, closed_count=closed,
        page=page, has_more=len(found) > queries.PAGE_SIZE, may_discuss=may(actor, Action.DISCUSS, space),
    )  # fmt: skip
    return render("discussions/list.html", view, user=actor.user)


@router.get("/new")
def show_form(space: Discussed, parts: PartsDep, actor: CurrentActor) -> Response:
    return _new_page(parts, actor, space)


@router.post("/new")
def start(space: Discussed, parts: PartsDep, actor: CurrentActor, title: Text = "", text: Words = "") -> Response:
    def change(session: Session) -> str:
        _count_try(parts, actor)
        made = service.start_discussion(session, actor, space, title=title, text=text)
        return f"{_path(space)}/{made.number}"

    def again(problem: FormProblem, status: int) -> Response:
        return _new_page(parts, actor, space, title=title, text=text, problem=problem, status=status)

    return submit(parts, change, form="new", again=again)


@router.get(NUMBER)
def show_discussion(
    space: Readable, number: int, parts: PartsDep, actor: CurrentActor, *, page: Page = 1, edit: str = ""
) -> Response:
    if actor.user:
        read_discussion(parts.database, actor.user.id, space_id=space.id, number=number)
    return _page(parts, actor, space, number, page=page, editing=edit)


@router.post(f"{NUMBER}/comment")
def comment(space: Discussed, number: int, parts: PartsDep, actor: CurrentActor, text: Words = "") -> Response:
    def change(session: Session, discussion: Discussion) -> str:
        _count_try(parts, actor)
        return f"#{service.add_comment(session, actor, space, discussion, text=text).id}"

    return _submit(parts, actor, space, number, form="comment", change=change, draft=text)


@router.post(f"{NUMBER}/close")
def close(space: Discussed, number: int, parts: PartsDep, actor: CurrentActor) -> Response:
    def change(session: Session, discussion: Discussion) -> str:
        service.set_closed(session, actor, space, discussion, closed=True)
        return ""

    return _submit(parts, actor, space, number, form="state", change=change)


@router.post(f"{NUMBER}/reopen")
def reopen(space: Discussed, number: int, parts: PartsDep, actor: CurrentActor) -> Response:
    def change(session: Session, discussion: Discussion) -> str:
        service.set_closed(session, actor, space, discussion, closed=False)
        return ""

    return _submit(parts, actor, space, number, form="state", change=change)


@router.post(f"{NUMBER}/title")
def rename(space: Discussed, number: int, parts: PartsDep, actor: CurrentActor, title: Text = "") -> Response:
    def change(session: Session, discussion: Discussion) -> str:
        service.change_title(session, actor, space, discussion, title=title)
        return ""

    return _submit(parts, actor, space, number, form="title", change=change)


@router.post(f"{NUMBER}/pin")
def pin(space: Moderated, number: int, parts: PartsDep, actor: CurrentActor) -> Response:
    def change(session: Session, discussion: Discussion) -> str:
        service.set_pinned(session, actor, space, discussion, pinned=discussion.pinned_at is None)
        return ""

    return _submit(parts, actor, space, number, form="state", change=change)


@router.post(f"{NUMBER}/comments/{{comment_id}}/edit")
def edit(
    space: Discussed, number: int, comment_id: str, parts: PartsDep, *, actor: CurrentActor, text: Words = ""
) -> Response:
    def change(session: Session, _discussion: Discussion, comment: Comment) -> None:
        service.edit_comment(session, actor, space, comment, text=text)

    return _change_comment(parts, actor, space, number, comment_id, form="edit", change=change, draft=text)


@router.post(f"{NUMBER}/comments/{{comment_id}}/delete")
def delete(space: Discussed, number: int, comment_id: str, parts: PartsDep, actor: CurrentActor) -> Response:
    def change(session: Session, discussion: Discussion, comment: Comment) -> None:
        service.delete_comment(session, actor, space, discussion, comment)

    return _change_comment(parts, actor, space, number, comment_id, form="state", change=change)


@router.post(f"{NUMBER}/comments/{{comment_id}}/hide")
def hide(space: Moderated, number: int, comment_id: str, parts: PartsDep, actor: CurrentActor) -> Response:
    """Hides what is shown, and shows what was hidden."""

    def change(session: Session, discussion: Discussion, comment: Comment) -> None:
        service.set_hidden(session, actor, space, discussion, comment, hidden=comment.hidden_at is None)

    return _change_comment(parts, actor, space, number, comment_id, form="state", change=change)


def _change_comment(
    parts: Parts, actor: Actor, space: Space, number: int, comment_id: str,
    *, form: str, change: Callable[[Session, Discussion, Comment], None], draft: str = "",
) -> Response:  # fmt: skip
    def changed(session: Session, discussion: Discussion) -> str:
        change(session, discussion, service.get_comment(session, discussion, comment_id))
        return f"#{comment_id}"

    editing = comment_id if form == "edit" else ""
    return _submit(parts, actor, space, number, form=form, change=changed, draft=draft, editing=editing)


def _submit(
    parts: Parts, actor: Actor, space: Space, number: int,
    *, form: str, change: Callable[[Session, Discussion], str], draft: str = "", editing: str = "",
) -> Response:  # fmt: skip
    """`change` gives the place on the discussion's page to go on to: its last page, where the newest stands."""

    def changed(session: Session) -> str:
        discussion = service.get_discussion(session, space, number)
        place = change(session, discussion)
        last = queries.count_pages(session, discussion.id) if form == "comment" else 1
        return f"{_path(space)}/{number}{f'?page={last}' if last > 1 else ''}{place}"

    def again(problem: FormProblem, status: int) -> Response:
        return _page(parts, actor, space, number, draft=draft, editing=editing, problem=problem, status=status)

    return submit(parts, changed, form=form, again=again)


def _count_try(parts: Parts, actor: Actor) -> None:
    """Raises TooManyError."""
    limit_where_counted(parts, "discuss", user_of(actor).id, most=MOST_COMMENTS)


def _page(
    parts: Parts, actor: Actor, space: Space, number: int,
    *, page: int = 1, editing: str = "", draft: str = "", problem: FormProblem = NO_PROBLEM, status: int = 200,
) -> Response:  # fmt: skip
    moderates = may(actor, Action.WRITE, space)
    with parts.database.reading() as session:
        shown = _space_view(session, parts, actor, space)
        discussion = service.get_discussion(session, space, number)
        comments = queries.list_comments(session, discussion.id, page=page)
        named = {name for each in comments for name in mentions_in(each.text)}
        people = {user.name.lower() for user in queries.find_people(session, named)}
        follows = actor.user is not None and is_following(session, space, actor.user.id)
    view = DiscussionView(
        space=shown, row=row_of(discussion),
        comments=comments_of(comments, people, reader=actor.user, moderates=moderates, page=page),
        page=page, has_more=len(comments) > queries.COMMENTS_PAGE, may_discuss=may(actor, Action.DISCUSS, space),
        may_close=service.may_close(actor, space, discussion), may_moderate=moderates, is_following=follows,
        editing=editing, draft=draft, problem=problem,
    )  # fmt: skip
    return render("discussions/discussion.html", view, user=actor.user, status=status)


def _new_page(
    parts: Parts, actor: Actor, space: Space,
    *, title: str = "", text: str = "", problem: FormProblem = NO_PROBLEM, status: int = 200,
) -> Response:  # fmt: skip
    with parts.database.reading() as session:
        shown = _space_view(session, parts, actor, space)
    view = NewDiscussionView(shown, title, text, problem)
    return render("discussions/new.html", view, user=actor.user, status=status)


def _space_view(session: Session, parts: Parts, actor: Actor, space: Space) -> SpaceView:
    return head_of(session, parts, actor, space, tab="discussions")


def _path(space: Space) -> str:
    return f"/spaces/{space.full_name}/discussions"
