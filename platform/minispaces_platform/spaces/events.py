"""A Space's changes, live: the parts of its page that changed, rendered as the page renders them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter
from starlette.responses import Response

from minispaces_contract import hints
from minispaces_platform.errors import NotFoundError
from minispaces_platform.live import KEEPALIVE, event, event_stream, looks
from minispaces_platform.pages import fragment
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.overview import now_by_id, overview
from minispaces_platform.spaces.views import SpaceView

router = APIRouter(include_in_schema=False)


@router.get("/events/spaces/{space_id}")
async def follow_space(space_id: str, parts: PartsDep) -> Response:
    if await now_by_id(parts, space_id) is None:
        raise NotFoundError("There is no such Space.")
    return event_stream(_changes(parts, space_id), redis=parts.redis)


async def _changes(parts: Parts, space_id: str) -> AsyncGenerator[bytes]:
    """The first event repeats what the page shows: something may have changed before the connection stood."""
    shown: SpaceView | None = None
    async with aclosing(looks(parts.redis, hints.space(space_id))) as times:
        async for _ in times:
            now = await now_by_id(parts, space_id)
            if now is None:
                return
            view = await overview(parts, now)
            yield KEEPALIVE if view == shown else event("space", _parts_of_page(view))
            shown = view


def _parts_of_page(view: SpaceView) -> dict[str, str]:
    return {name: fragment(f"spaces/_{name}.html", view) for name in ("status", "app")}
