"""A Space's versions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from minispaces_platform.access import Action, may
from minispaces_platform.actors import CurrentActor
from minispaces_platform.builds.queries import PAGE_SIZE, list_builds, pictured_versions
from minispaces_platform.builds.views import VersionsView, build_view
from minispaces_platform.guard import Readable
from minispaces_platform.models.builds import Build
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.releases.pages import DONE
from minispaces_platform.releases.queries import Known, known_of
from minispaces_platform.releases.views import panel_of, version_release
from minispaces_platform.spaces.queries import SpaceNow, look_at
from minispaces_platform.spaces.views import Rights, rights_of, view_of

router = APIRouter(include_in_schema=False)

Version = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.get("/spaces/{owner}/{name}/versions")
def show_versions(
    space: Readable, parts: PartsDep, actor: CurrentActor, *, before: Version = None, done: str = ""
) -> Response:
    with parts.database.reading() as session:
        now = look_at(session, [space])[0]
        builds = list_builds(session, now.space.id, before=before)
        versions = [build.version for build in builds]
        pictured = pictured_versions(session, now.space.id, versions=versions)
        known = known_of(session, now.space.id, versions=versions)
    view = _versions(parts, now, builds, known, rights=rights_of(actor, space), pictured=pictured)
    acts, manages = may(actor, Action.WRITE, space), may(actor, Action.MANAGE, space)
    view = replace(view, acts=acts, manages=manages, done=DONE.get(done, ""))
    return render("builds/versions.html", view, user=actor.user)


def _versions(
    parts: Parts, now: SpaceNow, builds: Sequence[Build], known: Known, *, rights: Rights, pictured: frozenset[int]
) -> VersionsView:
    shown = builds[:PAGE_SIZE]
    rows = tuple(
        (
            build_view(build, now, pictured=build.version in pictured or _is_pictured(known, build)),
            version_release(build, now, known, parts.settings),
        )
        for build in shown
    )
    older = shown[-1].version if len(builds) > PAGE_SIZE else None
    space = view_of(now, parts.settings, tab="versions", rights=rights)
    return VersionsView(space, panel_of(now, known, parts.settings), rows, older)


def _is_pictured(known: Known, build: Build) -> bool:
    preview = known.previews.get(build.version)
    return preview is not None and preview.pictured_at is not None
