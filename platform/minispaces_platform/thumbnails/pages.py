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


@router.get("/spaces/{owner}/{name}/thumbnail/{picture}")
def show_thumbnail(
    space: Readable, picture: Annotated[str, Path(pattern=r"^[1-9][0-9]{0,8}\.webp$")], parts: PartsDep
) -> Response:
    """Whatever its address ends with, it is told to be what it is: a README may name a PNG or a JPEG."""
    version = int(picture.removesuffix(".webp"))
    path = path_of(parts.settings, space.id, version)
    data = path.read_bytes() if path.exists() else b""
    if kind := media_type(data):
        return Response(data, media_type=kind, headers=_HEADERS)
    raise NotFoundError(f"There is no picture of version {version}.")
