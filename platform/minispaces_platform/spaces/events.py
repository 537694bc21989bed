"""A Space's changes, live: the parts of its page that changed, rendered as the page renders them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import anyio.to_thread
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from minispaces_contract import hints
from minispaces_platform.access import Action, may
from minispaces_platform.guard import OnSpaceId, actor_by_now
from minispaces_platform.live import GONE, KEEPALIVE, event, event_stream, looks
from minispaces_platform.pages import fragment
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.overview import now_by_id, overview
from minispaces_platform.spaces.views import SpaceView

router = APIRouter(include_in_schema=False)


@router.get("/events/spaces/{space_id}", dependencies=[Depends(OnSpaceId(Action.READ))])
async def follow_space(space_id: str, request: Request, parts: PartsDep) -> Response:
    return event_stream(_changes(parts, request, space_id), redis=parts.redis)


async def _changes(parts: Parts, request: Request, space_id: str) -> AsyncGenerator[bytes]:
    """The first event repeats what the page shows: something may have changed before the connection stood."""
    shown: SpaceView | None = None
    async with aclosing(looks(parts.redis, hints.space(space_id))) as times:
        async for _ in times:
            now = await now_by_id(parts, space_id)
            actor = await anyio.to_thread.run_sync(actor_by_now, request, parts)
            if now is None or actor is None or not may(actor, Action.READ, now.space):
                yield GONE
                return
            view = await overview(parts, now, actor)
            yield KEEPALIVE if view == shown else event("space", _parts_of_page(view))
            shown = view


def _parts_of_page(view: SpaceView) -> dict[str, str]:
    return {name: fragment(f"spaces/_{name}.html", view) for name in ("status", "app")}
