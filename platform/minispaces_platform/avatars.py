"""A picture for every name: its first letter on a colour. Made of the name alone, so it tells nothing about anybody."""

import hashlib
from html import escape
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from minispaces_platform.guard import Everybody

router = APIRouter(include_in_schema=False)
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="{name}">'
    '<rect width="64" height="64" fill="hsl({hue},55%,42%)"/><text x="32" y="43" font-family="sans-serif" '
    'font-size="32" font-weight="600" text-anchor="middle" fill="#fff">{letter}</text></svg>'
)
_HEADERS = {
    "Cache-Control": "public, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@router.get("/avatars/{name}.svg", dependencies=[Depends(Everybody("made of the name alone"))])
def show_avatar(name: Annotated[str, Path(max_length=63)]) -> Response:
    return Response(draw(name), media_type="image/svg+xml", headers=_HEADERS)


def draw(name: str) -> str:
    hue = int.from_bytes(hashlib.sha256(name.lower().encode()).digest()[:2]) % 360
    return _SVG.format(name=escape(name), hue=hue, letter=escape(name[:1].upper()))
