"""Log lines, live. An event's id is the stream's own, so that a browser that comes back misses nothing."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Header, Query
from redis import RedisError
from sqlalchemy import select
from starlette.responses import Response

from minispaces_contract import logstream
from minispaces_contract.logstream import Kind
from minispaces_platform.builds.log_lines import line_html
from minispaces_platform.builds.queries import find_build
from minispaces_platform.builds.views import is_over
from minispaces_platform.errors import NotFoundError
from minispaces_platform.live import AWAY_SECONDS, KEEPALIVE, event, event_stream
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.parts import Parts, PartsDep

router = APIRouter(include_in_schema=False)

_ID = re.compile(r"\d{1,20}(-\d{1,20})?")
Began = Annotated[float, Query(ge=0, allow_inf_nan=False)]


@router.get("/events/spaces/{space_id}/log")
async def follow_log(
    space_id: str,
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
    return event_stream(_lines(parts, stream, after=start, began=began, build=build), redis=parts.redis)


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
