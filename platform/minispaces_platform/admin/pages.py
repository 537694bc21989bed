"""Administration of the installation: its people and its Spaces. There is no acting as somebody else."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Actor
from minispaces_platform.accounts.service import get_user
from minispaces_platform.admin import people
from minispaces_platform.admin.queries import PAGE_SIZE, list_all_spaces, list_people
from minispaces_platform.admin.views import PeopleView, PersonView, SpacesView, person_of, row_of
from minispaces_platform.changes import changing
from minispaces_platform.errors import NotFoundError
from minispaces_platform.forms import NO_PROBLEM, FormProblem, Text, submit
from minispaces_platform.guard import Admin
from minispaces_platform.models.accounts import User
from minispaces_platform.models.spaces import Space
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.service import find_space_by_id
from minispaces_platform.spaces.takedown import put_back, take_down
from minispaces_platform.wording import tidy

router = APIRouter(prefix="/admin", include_in_schema=False)

Search = Annotated[str, Query(max_length=200)]
Mark = Annotated[str, Query(max_length=63)]
DONE = {
    "suspend": "Suspended. Their sessions have ended, and their tokens are refused with the reason.",
    "reinstate": "Reinstated. They may sign in again, and their tokens work.",
    "admin": "Saved.",
}


@router.get("/people")
def show_people(admin: Admin, parts: PartsDep, q: Search = "", after: Mark = "") -> Response:
    with parts.database.reading() as session:
        found = list_people(session, search=tidy(q), after=tidy(after))
    older = found[PAGE_SIZE - 1].name if len(found) > PAGE_SIZE else ""
    view = PeopleView(tuple(map(person_of, found[:PAGE_SIZE])), q, older)
    return render("admin/people.html", view, user=admin.user)


@router.get("/people/{person}")
def show_person(admin: Admin, person: str, parts: PartsDep, done: str = "") -> Response:
    return _person_page(parts, admin, person, done=DONE.get(done, ""))


@router.post("/people/{person}/suspend")
def suspend(admin: Admin, person: str, parts: PartsDep, reason: Text = "") -> Response:
    def change(session: Session, user: User) -> None:
        people.suspend(session, admin, user, reason=reason)

    return _submit(parts, admin, person, form="suspend", change=change)


@router.post("/people/{person}/reinstate")
def reinstate(admin: Admin, person: str, parts: PartsDep) -> Response:
    def change(session: Session, user: User) -> None:
        people.reinstate(session, admin, user)

    return _submit(parts, admin, person, form="reinstate", change=change)


@router.post("/people/{person}/admin")
def make_admin(admin: Admin, person: str, parts: PartsDep) -> Response:
    def change(session: Session, user: User) -> None:
        people.set_admin(session, admin, user, admin=True)

    return _submit(parts, admin, person, form="admin", change=change)


@router.post("/people/{person}/not-admin")
def unmake_admin(admin: Admin, person: str, parts: PartsDep) -> Response:
    def change(session: Session, user: User) -> None:
        people.set_admin(session, admin, user, admin=False)

    return _submit(parts, admin, person, form="admin", change=change)


@router.post("/people/{person}/login-link")
def make_login_link(admin: Admin, person: str, parts: PartsDep) -> Response:
    """The answer itself shows the link: it is kept nowhere that a second look could find it."""
    with parts.database.writing() as session:
        secret = people.make_login_link(session, admin, get_user(session, person))
    response = _person_page(parts, admin, person, link=f"{parts.settings.hub_url}/login/{secret}")
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/spaces")
def show_spaces(admin: Admin, parts: PartsDep, q: Search = "", before: Mark = "") -> Response:
    with parts.database.reading() as session:
        found = list_all_spaces(session, search=tidy(q), before=tidy(before))
    older = found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else ""
    view = SpacesView(tuple(row_of(space, parts.settings) for space in found[:PAGE_SIZE]), q, older)
    return render("admin/spaces.html", view, user=admin.user)


@router.post("/spaces/{space_id}/take-down")
def take_space_down(admin: Admin, space_id: str, parts: PartsDep, reason: Text = "") -> Response:
    return _change_space(
        parts, space_id, done="down", change=lambda session, space: take_down(session, admin, space, reason=reason)
    )


@router.post("/spaces/{space_id}/put-back")
def put_space_back(admin: Admin, space_id: str, parts: PartsDep) -> Response:
    return _change_space(parts, space_id, done="back", change=lambda session, space: put_back(session, admin, space))


def _change_space(parts: Parts, space_id: str, *, done: str, change: Callable[[Session, Space], None]) -> Response:
    """Back to the Space's settings, where these forms are."""
    with changing(parts.database, parts.redis_sync) as session:
        if (space := find_space_by_id(session, space_id)) is None:
            raise NotFoundError("There is no such Space.")
        change(session, space)
    return RedirectResponse(f"/spaces/{space.full_name}/settings?done={done}", 303)


def _submit(parts: Parts, admin: Actor, person: str, *, form: str, change: Callable[[Session, User], None]) -> Response:
    def changed(session: Session) -> str:
        user = get_user(session, person)
        change(session, user)
        return f"/admin/people/{user.name}?done={form}"

    def again(problem: FormProblem, status: int) -> Response:
        return _person_page(parts, admin, person, problem=problem, status=status)

    return submit(parts, changed, form=form, again=again)


def _person_page(
    parts: Parts, admin: Actor, person: str,
    *, link: str = "", problem: FormProblem = NO_PROBLEM, status: int = 200, done: str = "",
) -> Response:  # fmt: skip
    with parts.database.reading() as session:
        user = get_user(session, person)
    is_self = admin.user is not None and admin.user.id == user.id
    view = PersonView(person_of(user), is_self, link, problem, done)
    return render("admin/person.html", view, user=admin.user, status=status)
