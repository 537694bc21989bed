"""Log lines, live. An event's id is the stream's own, so that a browser that comes back misses nothing."""

import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, Header, Query, Request
from redis import RedisError
from sqlalchemy import select
from starlette.responses import Response

from minispaces_contract import logstream
from minispaces_contract.logstream import Kind
from minispaces_platform.access import Action
from minispaces_platform.builds.log_lines import line_html
from minispaces_platform.builds.queries import find_build
from minispaces_platform.builds.views import is_over
from minispaces_platform.errors import NotFoundError
from minispaces_platform.guard import OnSpaceId, may_still
from minispaces_platform.live import AWAY_SECONDS, GONE, KEEPALIVE, event, event_stream
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.parts import Parts, PartsDep

router = APIRouter(include_in_schema=False)

_LOOK_AGAIN_SECONDS = 2.0
_ID = re.compile(r"\d{1,20}(-\d{1,20})?")
Began = Annotated[float, Query(ge=0, allow_inf_nan=False)]


@router.get("/events/spaces/{space_id}/log", dependencies=[Depends(OnSpaceId(Action.READ_LOGS))])
async def follow_log(
    space_id: str,
    request: Request,
    parts: PartsDep,
    *,
    build: str = "",
    deployment: str = "",
    after: str = "0",
    began: Began = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """A build's log, or an app's (`deployment`), after the entry `after`. `began` is what times are counted from."""
    stream = await anyio.to_thread.run_sync(_stream_of, parts, space_id, build, deployment)
    start = next((given for given in (last_event_id, after) if _ID.fullmatch(given)), "0")
    lines = _lines(parts, stream, after=start, began=began, build=build)
    return event_stream(_while_allowed(parts, request, space_id, lines), redis=parts.redis)


async def _while_allowed(
    parts: Parts, request: Request, space_id: str, lines: AsyncGenerator[bytes]
) -> AsyncGenerator[bytes]:
    """Looks again after each silence, and every few seconds while lines come."""
    async with aclosing(lines):
        looked = time.monotonic()
        async for line in lines:
            if line is KEEPALIVE or time.monotonic() - looked > _LOOK_AGAIN_SECONDS:
                looked = time.monotonic()
                if not await anyio.to_thread.run_sync(may_still, parts, request, Action.READ_LOGS, space_id):
                    yield GONE
                    return
            yield line


def _stream_of(parts: Parts, space_id: str, build: str, deployment: str) -> str:
    """Raises NotFoundError unless the log belongs to that very Space."""
    with parts.database.reading() as session:
        if (found := session.get(Build, build)) and found.space_id == space_id:
            return logstream.build_log(build)
        if (made := session.get(Deployment, deployment)) and made.space_id == space_id:
            return logstream.app_log(deployment)
    raise NotFoundError("There is no such log.")


async def _lines(parts: Parts, stream: str, *, after: str, began: float, build: str) -> AsyncGenerator[bytes]:
    while True:
        try:
            async with aclosing(logstream.follow(parts.redis, stream, after=after)) as entries:  # type: ignore[type-var]
                async for entry in entries:
                    if entry is None:
                        break  # a silence: worth a look at the database
                    if entry.kind is Kind.END:
                        yield event("end", "")
                        return
                    began, after = began or entry.at, entry.id
                    yield event("line", line_html(entry, began=began), id=entry.id)
        except RedisError:
            await anyio.sleep(AWAY_SECONDS)
        if await _is_over(parts, build):
            yield event("end", "")
            return
        yield KEEPALIVE


async def _is_over(parts: Parts, build_id: str) -> bool:
    """An app's log (no build given) is never over."""

    def read() -> bool:
        with parts.database.reading() as session:
            build = find_build(session, build_id)
            newest = select(Deployment).where(Deployment.build_id == build_id).order_by(Deployment.id.desc()).limit(1)
            return build is not None and is_over(build.status, session.scalar(newest))

    return bool(build_id) and await anyio.to_thread.run_sync(read)
