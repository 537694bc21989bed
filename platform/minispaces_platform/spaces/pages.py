"""The list of Spaces, and a Space's own page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from minispaces_platform.actors import CurrentActor
from minispaces_platform.errors import SignInNeededError
from minispaces_platform.guard import Everybody, Readable
from minispaces_platform.pages import render
from minispaces_platform.parts import PartsDep
from minispaces_platform.spaces.overview import now_of, overview
from minispaces_platform.spaces.queries import list_spaces
from minispaces_platform.spaces.views import ListView, face_of, push_url

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[Depends(Everybody("shows what the visitor may read"))])
def show_list(parts: PartsDep, actor: CurrentActor, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Response:
    if not actor.welcome:
        raise SignInNeededError("This installation is open to its members only.", hint="Sign in to see its Spaces.")
    with parts.database.reading() as session:
        spaces, has_more = list_spaces(session, actor, page=page)
    name = actor.user.name if actor.user else "YOU"
    view = ListView(
        cards=tuple(face_of(now, parts.settings) for now in spaces),
        page=page,
        has_more=has_more,
        push_url=push_url(parts.settings, f"{name}/hello", user=name),
        hub=parts.settings.domain,
    )
    return render("spaces/list.html", view, user=actor.user)


@router.get("/spaces/{owner}/{name}")
async def show_space(space: Readable, request: Request, parts: PartsDep, actor: CurrentActor) -> Response:
    """A pasted remote address (`NAME.git`) shows the page too."""
    view = await overview(parts, await now_of(parts, space), actor, query=request.url.query)
    return render("spaces/space.html", view, user=actor.user)
