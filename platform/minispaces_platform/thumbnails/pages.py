"""Pictures of versions, for cards and lists."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from minispaces_platform.errors import NotFoundError
from minispaces_platform.guard import Readable
from minispaces_platform.parts import PartsDep
from minispaces_platform.thumbnails.store import media_type, path_of

router = APIRouter(include_in_schema=False)
_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@router.get("/spaces/{owner}/{name}/thumbnail/{version}.webp")
def show_thumbnail(space: Readable, version: Annotated[int, Path(ge=1, le=2**31 - 1)], parts: PartsDep) -> Response:
    """Whatever its address ends with, it is told to be what it is: a README may name a PNG or a JPEG."""
    path = path_of(parts.settings, space.id, version)
    picture = path.read_bytes() if path.exists() else b""
    if kind := media_type(picture):
        return Response(picture, media_type=kind, headers=_HEADERS)
    raise NotFoundError(f"There is no picture of version {version}.")
