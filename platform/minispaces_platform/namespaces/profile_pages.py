"""How somebody is called: their user name, and the name that is shown beside it."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_platform.access import Actor
from minispaces_platform.actors import CurrentActor
from minispaces_platform.forms import NO_PROBLEM, FormProblem, Text, submit
from minispaces_platform.guard import OnAccount
from minispaces_platform.models.accounts import User
from minispaces_platform.namespaces import service
from minispaces_platform.namespaces.queries import list_organizations
from minispaces_platform.namespaces.views import ProfileView, belongings
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep

router = APIRouter(include_in_schema=False)

Myself = Annotated[User, Depends(OnAccount())]
PATH = "/settings/profile"
DONE = {"name": "Your user name has changed. The old addresses lead on; no app restarts.", "full-name": "Saved."}


@router.get(PATH)
def show_profile(me: Myself, parts: PartsDep, actor: CurrentActor, done: str = "") -> Response:
    return _page(parts, actor, me, done=DONE.get(done, ""))


@router.post(f"{PATH}/name")
def rename_oneself(me: Myself, parts: PartsDep, actor: CurrentActor, name: Text = "") -> Response:
    def change(session: Session) -> str:
        service.rename(session, actor, session.get_one(User, me.id), name=name.strip())
        return f"{PATH}?done=name"

    return submit(parts, change, form="name", again=lambda *problem: _page(parts, actor, me, problem))


@router.post(f"{PATH}/full-name")
def change_full_name(me: Myself, parts: PartsDep, actor: CurrentActor, full_name: Text = "") -> Response:
    def change(session: Session) -> str:
        service.set_full_name(session, actor, session.get_one(User, me.id), full_name=full_name)
        return f"{PATH}?done=full-name"

    return submit(parts, change, form="full-name", again=lambda *problem: _page(parts, actor, me, problem))


def _page(
    parts: Parts, actor: Actor, me: User, problem: tuple[FormProblem, int] = (NO_PROBLEM, 200), *, done: str = ""
) -> Response:
    with parts.database.reading() as session:
        mine = belongings(actor, list_organizations(session, me.id))
    view = ProfileView(me.name, me.full_name, mine, problem[0], done)
    return render("namespaces/profile.html", view, user=actor.user, status=problem[1])
