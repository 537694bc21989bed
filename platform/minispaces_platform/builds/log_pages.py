"""A Space's logs: live, searched, and as a file."""

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query
from starlette.responses import PlainTextResponse, Response

from minispaces_contract.logstream import Kind, plain
from minispaces_contract.states import BuildStatus, InstanceStatus
from minispaces_platform.actors import CurrentActor
from minispaces_platform.builds.logs import Log, read_app_log, read_build_log
from minispaces_platform.builds.queries import get_version
from minispaces_platform.builds.views import LogView, Which, build_view, is_over, log_view
from minispaces_platform.guard import WithLogs
from minispaces_platform.models.builds import Build
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.overview import now_of
from minispaces_platform.spaces.queries import SpaceNow
from minispaces_platform.spaces.views import SpaceView, rights_of, view_of

router = APIRouter(include_in_schema=False)

Version = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
Words = Annotated[str, Query(max_length=200)]


@router.get("/spaces/{owner}/{name}/logs")
async def show_logs(
    space: WithLogs,
    parts: PartsDep,
    actor: CurrentActor,
    *,
    version: Version = None,
    log: Which = "build",
    q: Words = "",
) -> Response:
    now = await now_of(parts, space)
    build = await _chosen(parts, now, version)
    shown = view_of(now, parts.settings, tab="logs", rights=rights_of(actor, space))
    show = _app_logs if log == "app" else _build_logs
    view = await show(parts, now, build, shown, query=q.strip())
    return await anyio.to_thread.run_sync(lambda: render("builds/logs.html", view, user=actor.user))


@router.get("/spaces/{owner}/{name}/logs.txt")
async def download_log(space: WithLogs, parts: PartsDep, *, version: Version = None, log: Which = "build") -> Response:
    """All that is kept of a log, as a terminal shows it, without colours."""
    now = await now_of(parts, space)
    build = await _chosen(parts, now, version)
    found = await (_read_app(parts, now) if log == "app" else _read_build(parts, build))
    lines = (plain(entry) for entry in found.entries if entry.kind is not Kind.END)
    name = f"{now.space.host_label}-{f'v{build.version}' if build else 'none'}-{log}.txt"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return PlainTextResponse("".join(f"{line}\n" for line in lines), headers=headers)


async def _chosen(parts: Parts, now: SpaceNow, version: int | None) -> Build | None:
    """The version asked for, else the newest; None before the first push. Raises NotFoundError."""

    def read(number: int) -> Build:
        with parts.database.reading() as session:
            return get_version(session, now.space, version=number)

    return now.build if version is None else await anyio.to_thread.run_sync(read, version)


async def _read_build(parts: Parts, build: Build | None) -> Log:
    return await read_build_log(parts, build.id) if build else Log(())


async def _read_app(parts: Parts, now: SpaceNow) -> Log:
    """Of the deployment that serves; while none does, of the newest."""
    deployment = now.serving or now.newest
    return await read_app_log(parts, deployment.id) if deployment else Log(())


async def _build_logs(parts: Parts, now: SpaceNow, build: Build | None, space: SpaceView, *, query: str) -> LogView:
    log = await _read_build(parts, build)
    if build is None:
        return log_view(space, "build", log, build=None, follow="")
    over = log.ended or is_over(build.status, now.newest if now.newest and now.newest.build_id == build.id else None)
    follow = "" if over else f"/events/spaces/{space.id}/log?build={build.id}&after={log.last_id}"
    words = (build.error or "The build failed.") if build.status is BuildStatus.FAILED else ""
    shown = build_view(build, now)
    return await anyio.to_thread.run_sync(
        lambda: log_view(space, "build", log, build=shown, follow=follow, words=words, query=query)
    )


async def _app_logs(parts: Parts, now: SpaceNow, build: Build | None, space: SpaceView, *, query: str) -> LogView:
    log, deployment = await _read_app(parts, now), now.serving or now.newest
    follow = f"/events/spaces/{space.id}/log?deployment={deployment.id}&after={log.last_id}" if deployment else ""
    failed = deployment is not None and deployment.observed is InstanceStatus.FAILED
    words = (deployment.detail or "The app ended without saying why.") if deployment and failed else ""
    shown = build_view(build, now) if build else None
    return await anyio.to_thread.run_sync(
        lambda: log_view(space, "app", log, build=shown, follow=follow, words=words, query=query)
    )
