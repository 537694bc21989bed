"""Stylesheets, scripts and images of the hub, under a path that changes when any of them does."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_FOLDER = Path(__file__).parent / "static"


@cache
def digest() -> str:
    """One digest over all files: scripts import each other by relative path, so they must change address together."""
    files = sorted(path for path in _FOLDER.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def asset(path: str) -> str:
    return f"/static/{digest()}/{path}"


class HashedFiles(StaticFiles):
    """Serves `/DIGEST/path`. A page from before an upgrade still gets its files, only not for ever."""

    def __init__(self) -> None:
        super().__init__(directory=_FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        asked, _, file = path.partition("/")
        response = await super().get_response(file, scope)
        lasting = "public, max-age=31536000, immutable"
        response.headers["Cache-Control"] = lasting if asked == digest() else "no-cache"
        return response


def read_asset(path: str) -> bytes:
    return (_FOLDER / path).read_bytes()
