"""A Space's own page."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from minispaces_platform.actors import CurrentActor
from minispaces_platform.guard import Readable
from minispaces_platform.pages import render
from minispaces_platform.parts import PartsDep
from minispaces_platform.spaces.overview import now_of, overview

router = APIRouter(include_in_schema=False)


@router.get("/spaces/{owner}/{name}")
async def show_space(space: Readable, request: Request, parts: PartsDep, actor: CurrentActor) -> Response:
    """A pasted remote address (`NAME.git`) shows the page too."""
    view = await overview(parts, await now_of(parts, space), actor, query=request.url.query)
    return render("spaces/space.html", view, user=actor.user)
