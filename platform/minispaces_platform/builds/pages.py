"""A Space's logs and versions."""

from collections.abc import Sequence
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query
from starlette.responses import PlainTextResponse, Response

from minispaces_contract.logstream import Kind, plain
from minispaces_platform.actors import CurrentActor
from minispaces_platform.builds.logs import Log, read_app_log, read_build_log
from minispaces_platform.builds.queries import PAGE_SIZE, get_version, list_builds, pictured_versions
from minispaces_platform.builds.views import LogView, VersionsView, Which, build_view, is_over, log_view
from minispaces_platform.guard import Readable, WithLogs
from minispaces_platform.models.builds import Build
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.overview import now_of
from minispaces_platform.spaces.queries import SpaceNow, look_at
from minispaces_platform.spaces.views import Rights, rights_of, view_of

router = APIRouter(include_in_schema=False)

Version = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.get("/spaces/{owner}/{name}/logs")
async def show_logs(
    space: WithLogs, parts: PartsDep, actor: CurrentActor, *, version: Version = None, log: Which = "build"
) -> Response:
    now = await now_of(parts, space)
    build = await _chosen(parts, now, version)
    show = _app_logs if log == "app" else _build_logs
    view = await show(parts, now, build, rights_of(actor, space))
    return await anyio.to_thread.run_sync(lambda: render("builds/logs.html", view, user=actor.user))


@router.get("/spaces/{owner}/{name}/logs.txt")
async def download_log(space: WithLogs, parts: PartsDep, *, version: Version = None) -> Response:
    """All that is kept of a build's log, as a terminal shows it."""
    now = await now_of(parts, space)
    build = await _chosen(parts, now, version)
    log = await read_build_log(parts, build.id) if build else Log(())
    lines = (plain(entry) for entry in log.entries if entry.kind is not Kind.END)
    return PlainTextResponse("".join(f"{line}\n" for line in lines))


@router.get("/spaces/{owner}/{name}/versions")
def show_versions(space: Readable, parts: PartsDep, actor: CurrentActor, *, before: Version = None) -> Response:
    with parts.database.reading() as session:
        now = look_at(session, [space])[0]
        builds = list_builds(session, now.space.id, before=before)
        pictured = pictured_versions(session, now.space.id, versions=[build.version for build in builds])
    view = _versions(parts, now, builds, rights=rights_of(actor, space), pictured=pictured)
    return render("builds/versions.html", view, user=actor.user)


def _versions(
    parts: Parts, now: SpaceNow, builds: Sequence[Build], *, rights: Rights, pictured: frozenset[int]
) -> VersionsView:
    shown = tuple(build_view(build, now, pictured=build.version in pictured) for build in builds[:PAGE_SIZE])
    older = shown[-1].version if len(builds) > PAGE_SIZE else None
    return VersionsView(view_of(now, parts.settings, tab="versions", rights=rights), shown, older)


async def _chosen(parts: Parts, now: SpaceNow, version: int | None) -> Build | None:
    """The version asked for, else the newest; None before the first push. Raises NotFoundError."""

    def read(number: int) -> Build:
        with parts.database.reading() as session:
            return get_version(session, now.space, version=number)

    return now.build if version is None else await anyio.to_thread.run_sync(read, version)


async def _build_logs(parts: Parts, now: SpaceNow, build: Build | None, rights: Rights) -> LogView:
    space = view_of(now, parts.settings, tab="logs", rights=rights)
    if build is None:
        return log_view(space, "build", Log(()), build=None, follow="")
    log = await read_build_log(parts, build.id)
    over = log.ended or is_over(build.status, now.newest if now.newest and now.newest.build_id == build.id else None)
    follow = "" if over else f"/events/spaces/{space.id}/log?build={build.id}&after={log.last_id}"
    shown = build_view(build, now)
    return await anyio.to_thread.run_sync(lambda: log_view(space, "build", log, build=shown, follow=follow))


async def _app_logs(parts: Parts, now: SpaceNow, build: Build | None, rights: Rights) -> LogView:
    """Of the deployment that serves; while none does, of the newest."""
    space = view_of(now, parts.settings, tab="logs", rights=rights)
    deployment = now.serving or now.newest
    log = await read_app_log(parts, deployment.id) if deployment else Log(())
    follow = f"/events/spaces/{space.id}/log?deployment={deployment.id}&after={log.last_id}" if deployment else ""
    shown = build_view(build, now) if build else None
    return await anyio.to_thread.run_sync(lambda: log_view(space, "app", log, build=shown, follow=follow))
