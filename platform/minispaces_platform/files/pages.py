"""Folders and files, as pages and raw."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response, StreamingResponse

from minispaces_platform.access import Action, may
from minispaces_platform.errors import NotFoundError
from minispaces_platform.files.address import Place, address
from minispaces_platform.files.kinds import media_type
from minispaces_platform.files.last_commits import last_commits, latest_commit
from minispaces_platform.files.queries import (
    MAX_ENTRIES,
    Entry,
    find_entry,
    list_folder,
    read_blob,
    stream_blob,
)
from minispaces_platform.files.shown import bases_of, show_blob
from minispaces_platform.files.views import EmptyView, TreeView, Where, commit_view, rows_of
from minispaces_platform.files.visit import Reading, Visit
from minispaces_platform.pages import render
from minispaces_platform.repos.readme import MAX_BYTES, readme_html

router = APIRouter(include_in_schema=False)

_RAW = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
"""A raw file runs nothing, whatever it is: an SVG may be drawn, and is nobody's page."""
_READMES = ("readme.md", "readme.markdown", "readme")


@router.get("/spaces/{owner}/{name}/tree")
def show_root(visit: Reading) -> Response:
    return RedirectResponse(address(visit.base, "tree", visit.space.default_branch))


@router.get("/spaces/{owner}/{name}/tree/{rest:path}")
def show_tree(visit: Reading, rest: str) -> Response:
    if not visit.refs.branches and rest == visit.space.default_branch:
        return _show_empty(visit)
    place = visit.place(rest)
    if not find_entry(visit.repository, place).is_folder:
        return RedirectResponse(address(visit.base, "blob", place.revision, place.path))
    return render("files/tree.html", _tree(visit, place), user=visit.actor.user)


def _show_empty(visit: Visit) -> Response:
    view = EmptyView(visit.head(), visit.space.default_branch, may(visit.actor, Action.WRITE, visit.space))
    return render("files/empty.html", view, user=visit.actor.user)


def _tree(visit: Visit, place: Place) -> TreeView:
    where = visit.where(place, verb="tree")
    entries = list_folder(visit.repository, place)
    shown = entries[:MAX_ENTRIES]
    latest = latest_commit(visit.repository, place)
    readme_name, readme = _readme(visit, where, shown)
    return TreeView(
        space=visit.head(),
        where=where,
        parent=where.to("tree", place.path.rpartition("/")[0]) if place.path else "",
        rows=rows_of(where, shown, last_commits(visit.repository, place, [entry.name for entry in shown])),
        left_out=len(entries) - len(shown),
        latest=commit_view(visit.base, latest) if latest else None,
        readme=readme,
        readme_name=readme_name,
    )


def _readme(visit: Visit, where: Where, entries: Sequence[Entry]) -> tuple[str, Markup]:
    files = {entry.name.lower(): entry for entry in entries if entry.mode.startswith("100")}
    found = next((files[name] for name in _READMES if name in files), None)
    if found is None:
        return "", Markup()
    content = read_blob(visit.repository, found.object, most=MAX_BYTES + 1)
    return found.name, readme_html(content, bases=bases_of(where, where.path))


@router.get("/spaces/{owner}/{name}/blob/{rest:path}")
def show_file(visit: Reading, rest: str, *, plain: Annotated[bool, Query()] = False) -> Response:
    place = visit.place(rest)
    entry = find_entry(visit.repository, place)
    if entry.is_folder:
        return RedirectResponse(address(visit.base, "tree", place.revision, place.path))
    view = show_blob(visit, place, entry, plain=plain)
    return render("files/blob.html", view, user=visit.actor.user)


@router.get("/spaces/{owner}/{name}/raw/{rest:path}")
def show_raw(visit: Reading, request: Request, rest: str) -> Response:
    """For looking at in the browser."""
    return _raw(visit, request, rest, download=False)


@router.get("/spaces/{owner}/{name}/resolve/{rest:path}")
def download(visit: Reading, request: Request, rest: str) -> Response:
    return _raw(visit, request, rest, download=True)


def _raw(visit: Visit, request: Request, rest: str, *, download: bool) -> Response:
    place = visit.place(rest)
    entry = find_entry(visit.repository, place)
    if entry.is_folder:
        raise NotFoundError(f"{place.path or 'This'} is a folder.", hint="Only files can be downloaded.")
    headers = _RAW | {"ETag": f'"{entry.object}"', "Content-Disposition": _disposition(place, download=download)}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    start = read_blob(visit.repository, entry.object, most=8192)
    headers |= {"Content-Length": str(entry.size)}
    return StreamingResponse(
        stream_blob(visit.repository, entry.object), headers=headers, media_type=media_type(place.path, start)
    )


def _disposition(place: Place, *, download: bool) -> str:
    name = place.path.rpartition("/")[2]
    return f"{'attachment' if download else 'inline'}; filename*=UTF-8''{quote(name, safe='')}"
