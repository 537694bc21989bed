"""The page behind the bell, and choosing which Spaces to hear of."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Action
from minispaces_platform.actors import CurrentActor
from minispaces_platform.errors import NotFoundError
from minispaces_platform.forms import Text
from minispaces_platform.guard import OnAccount, OnSpace
from minispaces_platform.models.accounts import User
from minispaces_platform.models.spaces import Space
from minispaces_platform.notifications.queries import find_notification, list_notifications
from minispaces_platform.notifications.recipients import follow
from minispaces_platform.notifications.service import mark_read
from minispaces_platform.notifications.views import notifications_view, place_of
from minispaces_platform.pages import render
from minispaces_platform.parts import PartsDep

router = APIRouter(include_in_schema=False)

Myself = Annotated[User, Depends(OnAccount())]
Discussed = Annotated[Space, Depends(OnSpace(Action.DISCUSS))]


@router.get("/notifications")
def show_notifications(
    me: Myself, actor: CurrentActor, parts: PartsDep, before: Annotated[str, Query(max_length=32)] = ""
) -> Response:
    with parts.database.reading() as session:
        found = list_notifications(session, actor, me.id, before=before)
    return render("notifications/list.html", notifications_view(found), user=me)


@router.post("/notifications/read")
def read_all(me: Myself, parts: PartsDep) -> Response:
    with parts.database.writing() as session:
        mark_read(session, me.id)
    return RedirectResponse("/notifications", 303)


@router.post("/notifications/{notification_id}")
def open_notification(me: Myself, actor: CurrentActor, notification_id: str, parts: PartsDep) -> Response:
    """Marks it read and leads on; a link could not, because other pages may make a browser follow links."""
    with parts.database.writing() as session:
        found = find_notification(session, actor, me.id, notification_id)
        if found is None:
            raise NotFoundError("There is no such notification.", hint="The Space may not be open to you any more.")
        mark_read(session, me.id, only=found.id)
        place = place_of(found)
    return RedirectResponse(place, 303)


@router.post("/spaces/{owner}/{name}/watch")
def watch(space: Discussed, actor: CurrentActor, parts: PartsDep, wants: Text = "", onward: Text = "") -> Response:
    """`onward` is one of the Space's own pages, else its first."""
    if actor.user:
        with parts.database.writing() as session:
            follow(session, space.id, actor.user.id, wants=wants == "yes")
    path = f"/spaces/{space.full_name}"
    return RedirectResponse(onward if onward.startswith(f"{path}/discussions") else path, 303)
