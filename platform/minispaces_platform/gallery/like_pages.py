"""Like, unlike, and who does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, RedirectResponse, Response

from minispaces_platform.access import Action, Actor
from minispaces_platform.accounts.sign_in import local_path
from minispaces_platform.actors import CurrentActor
from minispaces_platform.changes import changing
from minispaces_platform.forms import Text
from minispaces_platform.gallery import likes
from minispaces_platform.gallery.likes import LikeView
from minispaces_platform.guard import OnSpace, Readable
from minispaces_platform.models.accounts import User
from minispaces_platform.models.spaces import Space
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.briefs import briefs
from minispaces_platform.spaces.service import find_space_by_id
from minispaces_platform.spaces.views import Face, face_of
from minispaces_platform.wording import short

router = APIRouter(include_in_schema=False)

Likeable = Annotated[Space, Depends(OnSpace(Action.LIKE))]


@dataclass(frozen=True, slots=True)
class LikersView:
    face: Face
    like: LikeView
    likers: tuple[tuple[str, str], ...]
    more: int


@router.post("/spaces/{owner}/{name}/like")
def like(space: Likeable, request: Request, parts: PartsDep, actor: CurrentActor, back: Text = "") -> Response:
    return _change(parts, request, actor, space, likes.like, back=back)


@router.post("/spaces/{owner}/{name}/unlike")
def unlike(space: Likeable, request: Request, parts: PartsDep, actor: CurrentActor, back: Text = "") -> Response:
    return _change(parts, request, actor, space, likes.unlike, back=back)


@router.get("/spaces/{owner}/{name}/likers")
def show_likers(space: Readable, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.reading() as session:
        found = likes.list_likers(session, space)
        view = LikersView(
            face=face_of(briefs(session, [space.id])[0], parts.settings),
            like=likes.like_of(session, actor, space),
            likers=tuple(found),
            more=max(0, space.likes - len(found)),
        )
    return render("gallery/likers.html", view, user=actor.user)


def _change(
    parts: Parts, request: Request, actor: Actor, space: Space,
    deed: Callable[[Session, Actor, User, Space], None], *, back: str,
) -> Response:  # fmt: skip
    """Scripts are told the new count; browsers go back to where they were."""
    assert actor.user  # noqa: S101 - the policy lets nobody else in
    with changing(parts.database, parts.redis_sync) as session:
        deed(session, actor, actor.user, space)
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(local_path(back) if back else f"/spaces/{space.full_name}", 303)
    with parts.database.reading() as session:
        fresh = find_space_by_id(session, space.id) or space
        view = likes.like_of(session, actor, fresh)
    return JSONResponse({"likes": view.count, "shown": short(view.count), "liked": view.liked})
