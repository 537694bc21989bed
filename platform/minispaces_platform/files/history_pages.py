"""What happened to files: history, commits, comparisons, blame."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from minispaces_platform.errors import InvalidError, NotFoundError
from minispaces_platform.files.address import address
from minispaces_platform.files.blame import blame
from minispaces_platform.files.diffs import EMPTY_TREE, compare
from minispaces_platform.files.kinds import SHOWN_MAX, Kind, kind_of
from minispaces_platform.files.queries import (
    PAGE_SIZE,
    find_commit,
    find_commit_id,
    find_entry,
    list_commits,
    read_blob,
)
from minispaces_platform.files.shown import lines_of
from minispaces_platform.files.views import (
    BlameView,
    ChangesView,
    CommitsView,
    CompareView,
    blame_rows,
    commit_view,
)
from minispaces_platform.files.visit import Reading
from minispaces_platform.pages import render

router = APIRouter(include_in_schema=False)

Page = Annotated[int, Query(ge=1, le=10_000)]
Revision = Annotated[str, Query(max_length=300)]


@router.get("/spaces/{owner}/{name}/commits/{rest:path}")
def show_history(visit: Reading, rest: str, *, page: Page = 1) -> Response:
    place = visit.place(rest)
    commits = list_commits(visit.repository, place, page=page)
    if not commits and place.path:
        find_entry(visit.repository, place)
    view = CommitsView(
        space=visit.head(),
        where=visit.where(place, verb="commits"),
        commits=tuple(commit_view(visit.base, commit) for commit in commits[:PAGE_SIZE]),
        page=page,
        has_more=len(commits) > PAGE_SIZE,
    )
    return render("files/commits.html", view, user=visit.actor.user)


@router.get("/spaces/{owner}/{name}/commit/{sha}")
def show_commit(visit: Reading, sha: str) -> Response:
    """Of a merge: what it brought into its first parent."""
    place = visit.place(sha)
    commit = find_commit(visit.repository, find_commit_id(visit.repository, place.commit))
    if sha != commit.id:
        return RedirectResponse(f"{visit.base}/commit/{commit.id}")
    diff = compare(visit.repository, commit.parents[0] if commit.parents else EMPTY_TREE, commit.id)
    view = ChangesView(visit.head(), commit_view(visit.base, commit), diff, address(visit.base, "tree", commit.id))
    return render("files/commit.html", view, user=visit.actor.user)


@router.get("/spaces/{owner}/{name}/compare")
def show_comparison(
    visit: Reading, old: Annotated[Revision, Query(alias="from")] = "", new: Annotated[Revision, Query(alias="to")] = ""
) -> Response:
    """Any two branches, tags or commits; an empty form without them."""
    diff, problem = None, ""
    try:
        if old and new:
            diff = compare(visit.repository, visit.place(old).commit, visit.place(new).commit)
    except NotFoundError as error:
        problem = error.message
    names = (*visit.refs.branches, *visit.refs.tags)[:200]
    view = CompareView(visit.head(), old, new or visit.space.default_branch, names, diff, problem)
    return render("files/compare.html", view, user=visit.actor.user, status=404 if problem else 200)


@router.get("/spaces/{owner}/{name}/blame/{rest:path}")
def show_blame(visit: Reading, rest: str) -> Response:
    place = visit.place(rest)
    entry = find_entry(visit.repository, place)
    content = b"" if entry.is_folder else read_blob(visit.repository, entry.object, most=SHOWN_MAX)
    if entry.is_folder or kind_of("x", content, size=entry.size) is not Kind.TEXT:
        raise InvalidError(f"{place.path} has no lines to show.", hint="Only texts of a moderate size have.")
    lines = lines_of(place.path.rpartition("/")[2], content)
    where = visit.where(place, verb="blame")
    rows = blame_rows(visit.base, blame(visit.repository, place), lines)
    return render("files/blame.html", BlameView(visit.head(), where, rows), user=visit.actor.user)
