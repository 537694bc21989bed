"""Editing, adding, uploading and deleting in the browser: forms whose answer is a commit.

Bodies are read here and not by FastAPI: it would read them before the policy has let anybody in.
"""

from collections.abc import Callable
from functools import partial
from typing import BinaryIO

import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from minispaces_platform.errors import ConflictError, InvalidError, MinispacesError, NotFoundError, StorageFullError
from minispaces_platform.files import service
from minispaces_platform.files.address import Place, address
from minispaces_platform.files.change_views import DeleteView, EditView, UploadView
from minispaces_platform.files.queries import find_entry, list_folder, read_blob
from minispaces_platform.files.service import UPLOADS_MAX, Typed
from minispaces_platform.files.shown import EDITED_MAX, is_editable
from minispaces_platform.files.visit import Visit, Writing
from minispaces_platform.forms import NO_PROBLEM, FormProblem, words_of
from minispaces_platform.pages import render
from minispaces_platform.repos.commits import Committed

router = APIRouter(include_in_schema=False)

_FIELD_MAX = 4 << 20
"""Bytes of a typed text on its way: three times what an editor takes, for what is escaped."""

_PATH_MAX = 8 << 10
"""Of a field beside uploaded files; there may be a thousand."""


@router.get("/spaces/{owner}/{name}/edit/{rest:path}")
def show_editor(visit: Writing, rest: str) -> Response:
    place, content = _editable(visit, rest)
    typed = Typed(place.path, content.decode(), seen=place.commit)
    return _editor(visit, place, typed, is_new=False)


@router.post("/spaces/{owner}/{name}/edit/{rest:path}")
async def save(visit: Writing, request: Request, rest: str) -> Response:
    typed = _typed(await _form(request))

    def work() -> Response:
        place, before = _editable(visit, rest)
        again = partial(_editor, visit, place, typed, is_new=False)
        return _done(visit, again, lambda: service.save_text(visit, place, typed, before=before))

    return await anyio.to_thread.run_sync(work)


@router.get("/spaces/{owner}/{name}/new/{rest:path}")
def show_new(visit: Writing, rest: str) -> Response:
    place = _branch_place(visit, rest)
    folder = f"{place.path}/" if place.path else ""
    return _editor(visit, place, Typed(folder, seen=place.commit), is_new=True)


@router.post("/spaces/{owner}/{name}/new/{rest:path}")
async def create(visit: Writing, request: Request, rest: str) -> Response:
    typed = _typed(await _form(request))

    def work() -> Response:
        place = _branch_place(visit, rest)
        again = partial(_editor, visit, place, typed, is_new=True)
        return _done(visit, again, lambda: service.write_file(visit, place, typed))

    return await anyio.to_thread.run_sync(work)


@router.get("/spaces/{owner}/{name}/upload/{rest:path}")
def show_upload(visit: Writing, rest: str) -> Response:
    return _uploader(visit, _branch_place(visit, rest))


@router.post("/spaces/{owner}/{name}/upload/{rest:path}")
async def upload(visit: Writing, request: Request, rest: str) -> Response:
    form = await _form(request, files=UPLOADS_MAX)

    def work() -> Response:
        place = _branch_place(visit, rest)
        return _done(
            visit, partial(_uploader, visit, place),
            lambda: service.upload(visit, place, _uploaded(form), _typed(form)),
        )  # fmt: skip

    try:
        return await anyio.to_thread.run_sync(work)
    finally:
        await form.close()


@router.get("/spaces/{owner}/{name}/delete/{rest:path}")
def show_delete(visit: Writing, rest: str) -> Response:
    return _deletion(visit, _branch_place(visit, rest))


@router.post("/spaces/{owner}/{name}/delete/{rest:path}")
async def delete(visit: Writing, request: Request, rest: str) -> Response:
    typed = _typed(await _form(request))

    def work() -> Response:
        place = _branch_place(visit, rest)
        return _done(visit, partial(_deletion, visit, place), lambda: service.remove(visit, place, typed))

    return await anyio.to_thread.run_sync(work)


def _done(visit: Visit, again: Callable[..., Response], work: Callable[[], Committed]) -> Response:
    """On to the log of the build that this started, else to the files; or the form again, nothing lost."""
    try:
        made = work()
    except (ConflictError, InvalidError, NotFoundError, StorageFullError) as error:
        return again(problem=FormProblem("files", words_of(error)), error=error)
    onward = f"{visit.base}/logs" if made.build_id else address(visit.base, "tree", made.branch)
    return RedirectResponse(onward, 303)


def _editor(
    visit: Visit, place: Place, typed: Typed, *, is_new: bool, problem: FormProblem = NO_PROBLEM,
    error: MinispacesError | None = None,
) -> Response:  # fmt: skip
    where = visit.where(place, verb="blob")
    theirs = place.commit if isinstance(error, ConflictError) and typed.seen != place.commit and not is_new else ""
    view = EditView(visit.head(), where, typed, is_new, _deploys(visit, place), problem, theirs)
    return render("files/edit.html", view, user=visit.actor.user, status=error.status if error else 200)


def _uploader(
    visit: Visit, place: Place, *, problem: FormProblem = NO_PROBLEM, error: MinispacesError | None = None
) -> Response:
    where = visit.where(place, verb="tree")
    view = UploadView(visit.head(), where, _deploys(visit, place), visit.parts.settings.max_file_mb, problem)
    return render("files/upload.html", view, user=visit.actor.user, status=error.status if error else 200)


def _deletion(
    visit: Visit, place: Place, *, problem: FormProblem = NO_PROBLEM, error: MinispacesError | None = None
) -> Response:
    if not place.path:
        raise InvalidError("A whole repository is not deleted so.", hint="The settings of the Space delete all of it.")
    entry = find_entry(visit.repository, place)
    count = len(list_folder(visit.repository, place)) if entry.is_folder else 0
    view = DeleteView(visit.head(), visit.where(place, verb="blob"), count, _deploys(visit, place), problem)
    return render("files/delete.html", view, user=visit.actor.user, status=error.status if error else 200)


def _editable(visit: Visit, rest: str) -> tuple[Place, bytes]:
    """Raises InvalidError for what a text field cannot hold."""
    place = _branch_place(visit, rest)
    entry = find_entry(visit.repository, place)
    content = b"" if entry.is_folder else read_blob(visit.repository, entry.object, most=EDITED_MAX)
    if entry.is_folder or not is_editable(entry, content):
        raise InvalidError(f"{place.path or 'This'} cannot be edited here.", hint="Only texts can, up to 512 kB.")
    return place, content


def _branch_place(visit: Visit, rest: str) -> Place:
    """Raises InvalidError where nothing can be added. An empty repository has its default branch in advance."""
    branch = visit.space.default_branch
    if not visit.refs.branches and f"{rest}/".startswith(f"{branch}/"):
        return Place(branch, "", rest[len(branch) :].strip("/"), branch)
    place = visit.place(rest)
    if not place.branch:
        raise InvalidError("Only the newest state of a branch can be changed.", hint="Choose a branch first.")
    return place


def _deploys(visit: Visit, place: Place) -> bool:
    return place.branch == visit.space.default_branch


async def _form(request: Request, *, files: int = 0) -> FormData:
    try:
        return await request.form(
            max_files=files, max_fields=files + 20, max_part_size=_PATH_MAX if files else _FIELD_MAX
        )
    except HTTPException as error:
        raise InvalidError(f"This could not be read: {error.detail}", hint="Try with fewer or smaller files.") from None


def _typed(form: FormData) -> Typed:
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    seen = fields.get("over") or fields.get("seen", "")
    path = fields.get("path", "").strip()
    return Typed(path[:5000], fields.get("content", ""), fields.get("message", "")[:5000], seen[:64])


def _uploaded(form: FormData) -> list[tuple[str, BinaryIO]]:
    """Names may come apart from the files: of a folder, browsers send the last part alone."""
    files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
    paths = [path for path in form.getlist("paths") if isinstance(path, str)]
    names = paths if len(paths) == len(files) else [file.filename or "" for file in files]
    return [(name, file.file) for name, file in zip(names, files, strict=True)]
