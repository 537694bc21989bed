"""Two versions of a Space beside each other."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from minispaces_platform.builds.comparison import SettingChange, setting_changes
from minispaces_platform.builds.queries import get_version
from minispaces_platform.files.diffs import EMPTY_TREE, Diff, compare
from minispaces_platform.files.visit import Reading, Visit
from minispaces_platform.pages import render
from minispaces_platform.repos.reading import GitError
from minispaces_platform.spaces.views import SpaceView

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Query(ge=0, le=2**31 - 1)]


@dataclass(frozen=True, slots=True)
class VersionsComparedView:
    """`old` is 0 for before the first version. `diff` is None where git has no longer both commits."""

    space: SpaceView
    old: int
    new: int
    settings: tuple[SettingChange, ...]
    diff: Diff | None


@router.get("/spaces/{owner}/{name}/versions/compare")
def compare_versions(
    visit: Reading, old: Annotated[Number, Query(alias="from")], new: Annotated[Number, Query(alias="to")]
) -> Response:
    with visit.parts.database.reading() as session:
        before = get_version(session, visit.space, version=old) if old else None
        after = get_version(session, visit.space, version=new)
    view = VersionsComparedView(
        space=visit.head("versions"),
        old=old,
        new=new,
        settings=setting_changes(before, after) if before else (),
        diff=_diff(visit, before.revision.commit if before else EMPTY_TREE, after.revision.commit),
    )
    return render("builds/compare.html", view, user=visit.actor.user)


def _diff(visit: Visit, old: str, new: str) -> Diff | None:
    try:
        return compare(visit.repository, old, new)
    except GitError:
        return None
