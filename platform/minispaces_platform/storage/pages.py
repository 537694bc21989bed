"""A Space's storage: its section of the settings, its files as pages and downloads, and the admins' list."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from minispaces_platform.actors import CurrentActor
from minispaces_platform.errors import NotFoundError
from minispaces_platform.forms import Text, confirm
from minispaces_platform.guard import Admin, Managed
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.storage import SpaceStorage
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.overview import head_of
from minispaces_platform.spaces.settings_pages import submit_settings
from minispaces_platform.storage import door
from minispaces_platform.storage.queries import find_storage, list_storages
from minispaces_platform.storage.service import attach, detach
from minispaces_platform.storage.sizes import get_size
from minispaces_platform.storage.views import admin_view, folder_view, spoken

router = APIRouter(include_in_schema=False)

Path = Annotated[str, Query(max_length=20_000)]
PATH = "/spaces/{owner}/{name}"
_SENT = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


@router.post(f"{PATH}/settings/storage")
def choose_storage(space: Managed, parts: PartsDep, actor: CurrentActor, size: Text = "") -> Response:
    def change(session: Session, fresh: Space) -> None:
        attach(session, parts, actor, fresh, size=get_size(parts.settings, size))

    return submit_settings(parts, actor, space, form="storage", change=change)


@router.post(f"{PATH}/settings/storage/detach")
def give_up_storage(space: Managed, parts: PartsDep, actor: CurrentActor, typed: Text = "") -> Response:
    def change(session: Session, fresh: Space) -> None:
        confirm(typed, fresh.full_name)
        detach(session, parts, actor, fresh)

    return submit_settings(parts, actor, space, form="storage-detach", change=change)


@router.get(f"{PATH}/storage")
def show_folder(space: Managed, parts: PartsDep, actor: CurrentActor, path: Path = "") -> Response:
    with parts.database.reading() as session:
        storage, head = _storage_of(session, space), head_of(session, parts, actor, space, tab="files")
    listing = door.read_folder(parts.settings, storage.id, path)
    return render("storage/folder.html", folder_view(head, storage, listing, path=path), user=actor.user)


@router.get(f"{PATH}/storage/file")
def download_file(space: Managed, parts: PartsDep, path: Path = "") -> Response:
    return _send(parts, space, "file", path=path, name=spoken(path.rpartition("/")[2]))


@router.get(f"{PATH}/storage/zip")
def download_folder(space: Managed, parts: PartsDep, path: Path = "") -> Response:
    last = spoken(path.rstrip("/").rpartition("/")[2])
    return _send(parts, space, "zip", path=path, name=f"{last or f'{space.name}-data'}.zip")


@router.get("/admin/storage")
def list_storage(actor: Admin, parts: PartsDep) -> Response:
    with parts.database.reading() as session:
        view = admin_view(list_storages(session))
    return render("storage/admin.html", view, user=actor.user)


def _storage_of(session: Session, space: Space) -> SpaceStorage:
    if storage := find_storage(session, space.id):
        return storage
    raise NotFoundError(f"{space.full_name} has no storage.", hint="Its settings give it some.")


def _send(parts: Parts, space: Space, verb: str, *, path: str, name: str) -> Response:
    """Always as a download: what an app wrote is nobody's page."""
    with parts.database.reading() as session:
        storage_id = _storage_of(session, space).id
    chunks, length = door.stream(parts.settings, storage_id, verb, path)
    headers = _SENT | {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    headers |= {"Content-Length": str(length)} if length is not None else {}
    kind = "application/zip" if verb == "zip" else "application/octet-stream"
    return StreamingResponse(chunks, headers=headers, media_type=kind)
