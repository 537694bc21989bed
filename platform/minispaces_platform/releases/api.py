"""Versions and releases for programs. The words are ours: the Hub has none for these."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from minispaces_platform.actors import CurrentActor
from minispaces_platform.builds.queries import PAGE_SIZE, list_builds
from minispaces_platform.deployments.world import host_of
from minispaces_platform.guard import Readable, Writable
from minispaces_platform.parts import PartsDep
from minispaces_platform.releases import service
from minispaces_platform.releases.queries import find_release, known_of
from minispaces_platform.releases.service import Released
from minispaces_platform.releases.views import version_release
from minispaces_platform.spaces.queries import look_at
from minispaces_platform.spaces.service import get_space_by_id

router = APIRouter(include_in_schema=False)
_PATH = "/api/spaces/{owner}/{name}"
_HEADERS = {"Cache-Control": "private, no-store"}
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Back(BaseModel):
    """None is the last good version."""

    version: Version | None = None


class Onward(BaseModel):
    version: Version


@router.get(f"{_PATH}/versions")
def list_versions(space: Readable, parts: PartsDep) -> Response:
    """The newest, newest first."""
    with parts.database.reading() as session:
        (now,) = look_at(session, [space])
        builds = list_builds(session, space.id)[:PAGE_SIZE]
        known = known_of(session, space.id, versions=[build.version for build in builds])
    rows = [(build, version_release(build, now, known, parts.settings)) for build in builds]
    return JSONResponse(
        [
            {
                "version": build.version, "commit": build.revision.commit, "branch": build.revision.branch,
                "title": build.revision.title, "author": build.revision.author,
                "pushedAt": build.revision.pushed_at.isoformat(), "status": build.status.value, "error": build.error,
                "live": release.is_live, "held": release.is_held, "wasLive": release.was_live, "kept": release.is_kept,
                "preview": release.preview or None,
            }
            for build, release in rows
        ],
        headers=_HEADERS,
    )  # fmt: skip


@router.post(f"{_PATH}/rollback")
def roll_back(space: Writable, parts: PartsDep, actor: CurrentActor, wanted: Back) -> Response:
    with parts.database.writing() as session:
        fresh = get_space_by_id(session, space)
        released = service.roll_back(session, parts, actor, fresh, version=wanted.version)
    return _accepted(released)


@router.post(f"{_PATH}/promote")
def promote(space: Writable, parts: PartsDep, actor: CurrentActor, wanted: Onward) -> Response:
    with parts.database.writing() as session:
        fresh = get_space_by_id(session, space)
        released = service.switch(session, parts, actor, fresh, version=wanted.version)
    return _accepted(released)


def _accepted(released: Released) -> Response:
    body: dict[str, Any] = {
        "release": released.id, "version": released.version, "was": released.was, "rebuiltAs": released.rebuilt_as,
    }  # fmt: skip
    return JSONResponse(body, 202, headers=_HEADERS)


@router.get(f"{_PATH}/releases/{{release_id}}")
def show_release(space: Readable, release_id: str, parts: PartsDep) -> Response:
    with parts.database.reading() as session:
        seen = find_release(session, space, release_id[:32])
    url = parts.settings.url_of(host_of(space, parts.settings))
    body = {"version": seen.version, "state": seen.state.value, "words": seen.words, "seconds": seen.seconds}
    return JSONResponse(body | {"url": url}, headers=_HEADERS)
