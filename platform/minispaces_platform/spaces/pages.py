"""A Space's own page."""

from dataclasses import dataclass

import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from minispaces_platform.access import Actor
from minispaces_platform.actors import CurrentActor
from minispaces_platform.guard import Readable
from minispaces_platform.models.spaces import Space
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.about import AboutView, about, look
from minispaces_platform.spaces.overview import overview
from minispaces_platform.spaces.queries import SpaceNow
from minispaces_platform.spaces.views import SpaceView

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SpacePage:
    space: SpaceView
    about: AboutView


@router.get("/spaces/{owner}/{name}")
async def show_space(space: Readable, request: Request, parts: PartsDep, actor: CurrentActor) -> Response:
    """A pasted remote address (`NAME.git`) shows the page too."""
    now, below = await anyio.to_thread.run_sync(_shown, parts, space, actor)
    view = await overview(parts, now, actor, query=request.url.query)
    return render("spaces/space.html", SpacePage(view, below), user=actor.user)


def _shown(parts: Parts, space: Space, actor: Actor) -> tuple[SpaceNow, AboutView]:
    shown = look(parts, space)
    return shown.now, about(parts, shown, actor)
