"""A Space's two logs for programs, at the Hub's address: of its newest build, and of the app that runs (hf-compat 3.9).

The Hub's clients expect each stream to begin at the beginning, and read on while anything can come.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

import anyio.to_thread
from fastapi import APIRouter, Query, Request
from redis import RedisError
from starlette.responses import Response

from minispaces_contract import logstream
from minispaces_contract.logstream import Entry, Kind, plain
from minispaces_contract.states import DesiredState
from minispaces_platform.access import Action
from minispaces_platform.builds.logs import Log, read_app_log, read_build_log
from minispaces_platform.builds.views import is_over
from minispaces_platform.guard import WithLogs, may_still
from minispaces_platform.live import event_stream
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.runtime.views import moment
from minispaces_platform.spaces.overview import now_by_id
from minispaces_platform.spaces.queries import SpaceNow

router = APIRouter(include_in_schema=False)
Which = Literal["build", "run"]
_KEEPALIVE = b"data:\n\n"


@dataclass(frozen=True, slots=True)
class Source:
    """Whose log, under which name, and whether more may come."""

    owner: Build | Deployment
    stream: str
    is_open: bool


@router.get("/api/spaces/{owner}/{name}/logs/{which}")
async def show_log(
    space: WithLogs, which: Which, request: Request, parts: PartsDep, *,
    tail: Annotated[int | None, Query(ge=0, le=logstream.MAX_ENTRIES)] = None, follow: bool = True,
) -> Response:  # fmt: skip
    """`follow=false` is ours: it ends after what is there."""

    async def lines() -> AsyncGenerator[bytes]:
        source = await _source(parts, space.id, which)
        log = await _read(parts, source) if source else Log(())
        there = [each for each in log.entries if each.kind is not Kind.END]
        for each in there if tail is None else there[len(there) - min(tail, len(there)) :]:
            yield _event(each)
        if source and source.is_open and follow and not log.ended:
            async with aclosing(_further(parts, request, source, which, after=log.last_id)) as further:
                async for line in further:
                    yield line

    return event_stream(lines(), redis=parts.redis)


async def _further(
    parts: Parts, request: Request, source: Source, which: Which, *, after: str
) -> AsyncGenerator[bytes]:
    """Until it is over, or nobody's business any more: looked at after each silence."""
    space_id = source.owner.space_id
    with suppress(RedisError):
        async with aclosing(logstream.follow(parts.redis, source.stream, after=after)) as entries:  # type: ignore[type-var]
            async for entry in entries:
                if entry is not None and entry.kind is Kind.END:
                    return
                if entry is not None:
                    yield _event(entry)
                    continue
                allowed = await anyio.to_thread.run_sync(may_still, parts, request, Action.READ_LOGS, space_id)
                by_now = await _source(parts, space_id, which)
                if not allowed or by_now is None or by_now.stream != source.stream or not by_now.is_open:
                    return
                yield _KEEPALIVE


async def _source(parts: Parts, space_id: str, which: Which) -> Source | None:
    """None while there is no such log."""
    now = await now_by_id(parts, space_id)
    if now is None:
        return None
    if which == "build":
        return _of_build(now, now.build) if now.build else None
    deployment = now.opens or now.newest
    return _of_app(deployment) if deployment else None


def _of_build(now: SpaceNow, build: Build) -> Source:
    """Its lines also tell of the first start."""
    started = now.newest if now.newest and now.newest.build_id == build.id else None
    return Source(build, logstream.build_log(build.id), is_open=not is_over(build.status, started))


def _of_app(deployment: Deployment) -> Source:
    wanted = deployment.desired is DesiredState.RUNNING
    return Source(deployment, logstream.app_log(deployment.id), is_open=wanted)


async def _read(parts: Parts, source: Source) -> Log:
    read = read_build_log if isinstance(source.owner, Build) else read_app_log
    return await read(parts, source.owner.id)


def _event(entry: Entry) -> bytes:
    """An app's lines are its own; what the house says reads as it does to who pushes."""
    text = entry.text if entry.kind is Kind.LINE else plain(entry)
    at = moment(datetime.fromtimestamp(entry.at, UTC))
    line = json.dumps({"data": text + "\n", "timestamp": at}, ensure_ascii=False)
    return f"data: {line}\n\n".encode()
