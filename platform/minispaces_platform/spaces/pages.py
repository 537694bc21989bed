"""The list of Spaces, and a Space's own page."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from minispaces_platform.pages import render
from minispaces_platform.parts import PartsDep
from minispaces_platform.sessions import CurrentUser
from minispaces_platform.spaces.overview import now_by_name, overview
from minispaces_platform.spaces.queries import list_spaces
from minispaces_platform.spaces.views import ListView, face_of, push_url

router = APIRouter(include_in_schema=False)


@router.get("/")
def show_list(parts: PartsDep, user: CurrentUser, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Response:
    with parts.database.reading() as session:
        spaces, has_more = list_spaces(session, page=page)
    name = user.name if user else "YOU"
    view = ListView(
        cards=tuple(map(face_of, spaces)),
        page=page,
        has_more=has_more,
        push_url=push_url(parts.settings, f"{name}/hello", user=name),
        hub=parts.settings.domain,
    )
    return render("spaces/list.html", view, user=user)


@router.get("/spaces/{owner}/{name}")
async def show_space(owner: str, name: str, request: Request, parts: PartsDep, user: CurrentUser) -> Response:
    """A pasted remote address (`NAME.git`) shows the page too."""
    now = await now_by_name(parts, owner, name.removesuffix(".git"))
    view = await overview(parts, now, query=request.url.query)
    return render("spaces/space.html", view, user=user)
