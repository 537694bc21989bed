"""A Space's guest links: made, listed and revoked by those who manage it."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Actor
from minispaces_platform.actors import CurrentActor
from minispaces_platform.edge import guests
from minispaces_platform.edge.views import GuestsView, link_view
from minispaces_platform.errors import ConflictError, InvalidError
from minispaces_platform.forms import NO_PROBLEM, FormProblem, Text, words_of
from minispaces_platform.guard import Managed
from minispaces_platform.models.spaces import Space
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.overview import head_of

router = APIRouter(include_in_schema=False)
PATH = "/spaces/{owner}/{name}/guests"


@router.get(PATH)
def show_links(space: Managed, parts: PartsDep, actor: CurrentActor, done: str = "") -> Response:
    return _page(parts, actor, space, done="Revoked. Whoever came in by it is out." if done else "")


@router.post(PATH)
def make_link(
    space: Managed, parts: PartsDep, actor: CurrentActor, label: Text = "", days: Annotated[float, Form()] = 7
) -> Response:
    """The address is in this answer and nowhere else."""
    try:
        with parts.database.writing() as session:
            secret = guests.create_link(session, actor, space, name=label, days=days)
    except (InvalidError, ConflictError) as error:
        return _page(parts, actor, space, problem=FormProblem("link", words_of(error)), status=error.status)
    return _page(parts, actor, space, made=f"{parts.settings.hub_url}/enter/guest/{secret}")


@router.post(f"{PATH}/{{link_id}}/revoke")
def revoke_link(space: Managed, link_id: str, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.writing() as session:
        guests.revoke_link(session, actor, space, link_id=link_id)
    return RedirectResponse(f"/spaces/{space.full_name}/guests?done=1", 303)


def _page(
    parts: Parts, actor: Actor, space: Space, *, made: str = "", done: str = "", problem: FormProblem = NO_PROBLEM,
    status: int = 200,
) -> Response:  # fmt: skip
    with parts.database.reading() as session:
        shown = head_of(session, parts, actor, space, tab="settings")
        links = tuple(map(link_view, guests.list_links(session, space.id)))
    response = render("edge/guests.html", GuestsView(shown, links, made, problem, done), user=actor.user, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
