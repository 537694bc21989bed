"""A Space's versions."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from minispaces_platform.actors import CurrentActor
from minispaces_platform.builds.queries import PAGE_SIZE, list_builds, pictured_versions
from minispaces_platform.builds.views import VersionsView, build_view
from minispaces_platform.guard import Readable
from minispaces_platform.models.builds import Build
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.queries import SpaceNow, look_at
from minispaces_platform.spaces.views import Rights, rights_of, view_of

router = APIRouter(include_in_schema=False)

Version = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


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
