"""Restarting, stopping and starting a Space's app: for whoever may push to it."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Actor
from minispaces_platform.actors import CurrentActor
from minispaces_platform.audit import service as audit
from minispaces_platform.deployments import service
from minispaces_platform.guard import Writable
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.service import get_space_by_id

router = APIRouter(include_in_schema=False)

Back = Annotated[Literal["", "settings", "logs"], Form()]
"""Which of the Space's pages the button stood on."""


@router.post("/spaces/{owner}/{name}/restart")
def restart(space: Writable, parts: PartsDep, actor: CurrentActor, back: Back = "") -> Response:
    return _do(parts, actor, space, ("restart", service.restart), back=back)


@router.post("/spaces/{owner}/{name}/stop")
def stop(space: Writable, parts: PartsDep, actor: CurrentActor, back: Back = "") -> Response:
    return _do(parts, actor, space, ("stop", service.stop), back=back)


@router.post("/spaces/{owner}/{name}/start")
def start(space: Writable, parts: PartsDep, actor: CurrentActor, back: Back = "") -> Response:
    return _do(parts, actor, space, ("start", service.start), back=back)


def _do(
    parts: Parts, actor: Actor, space: Space, deed: tuple[str, Callable[[Session, Parts, Space], Any]], *, back: str
) -> Response:
    """Doing it twice is harmless, and only what changed something is written down."""
    verb, change = deed
    with parts.database.writing() as session:
        fresh = get_space_by_id(session, space)
        if change(session, parts, fresh):
            audit.record(session, actor, f"space.{verb}", fresh)
    asked = f"/settings?done={verb}" if back == "settings" else f"/{back}" if back else ""
    return RedirectResponse(f"/spaces/{space.full_name}{asked}", 303)
