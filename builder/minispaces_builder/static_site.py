"""Serves the folder it is started in: `python -m minispaces_static APP_FILE`.

This file goes into artifacts as a module of its own, so it needs nothing but Starlette and uvicorn.
"""

import html
import json
import mimetypes
import os
import posixpath
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

PORT = 7860
_NOT_FOUND = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<title>Not found</title><body style="font:1rem/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem">
<h1>Not found</h1><p>{words}</p></body></html>"""
_TEXT = ("application/javascript", "application/json", "application/manifest+json", "application/xml", "image/svg+xml")
_PUBLISHED = re.compile(r"SPACE_\w+|OAUTH_CLIENT_ID|OAUTH_SCOPES|OPENID_PROVIDER_URL")
"""Never OAUTH_CLIENT_SECRET: whatever is published, every visitor can read."""
_OWN = "SPACE_VARIABLES"
"""What the Space's settings say, as one JSON object."""
_BEFORE_SCRIPTS = re.compile(rb"(?is)\A(?:[^<]|<!--.*?-->|<!doctype[^>]*>|<html[^>]*>|<head[^>]*>)*")
_PAGE_MAX = 8 << 20
_NO_STORE = {"Cache-Control": "no-cache"}

for _suffix, _kind in {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}.items():
    mimetypes.add_type(_kind, _suffix)


def resolve(root: Path, path: str, *, app_file: str) -> Path | str | None:
    """The file behind a path of the URL, a path to redirect to, or None.

    Nothing hidden and nothing outside the folder is served, links included. An app file in a sub-folder
    (`dist/index.html`) is the front page at `/`, so what it names is sought beside it first.
    """
    relative = posixpath.normpath("/" + path).lstrip("/")
    if any(part.startswith(".") for part in relative.split("/")) or "\0" in relative:
        return None
    if not relative:
        return _inside(root, root / app_file)
    homes = dict.fromkeys((root / posixpath.dirname(app_file), root))
    if found := _first_inside(root, [home / relative for home in homes]):
        return found
    index = _first_inside(root, [home / relative / "index.html" for home in homes])
    return index if index is None or path.endswith("/") else f"/{quote(relative)}/"


def _first_inside(root: Path, paths: list[Path]) -> Path | None:
    return next(filter(None, (_inside(root, path) for path in paths)), None)


def _inside(root: Path, path: Path) -> Path | None:
    real = Path(os.path.realpath(path))
    hidden = real.is_relative_to(root) and any(part.startswith(".") for part in real.relative_to(root).parts)
    return real if real.is_relative_to(root) and not hidden and real.is_file() else None


def site(root: Path, app_file: str) -> Starlette:
    root = Path(os.path.realpath(root))

    def serve(request: Request) -> Response:
        try:
            found = resolve(root, request.path_params["path"], app_file=app_file)
        except (OSError, ValueError):  # a name that no file can have
            found = None
        if isinstance(found, str):
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(found + query, 307)
        return _file(found) if found else _not_found(request, app_file)

    return Starlette(routes=[Route("/{path:path}", serve, methods=["GET", "HEAD"])])


def publish(page: bytes, variables: Mapping[str, str]) -> bytes:
    """The page with `window.huggingface.variables` ahead of its scripts: huggingface.js reads it (hf-compat 2.6)."""
    public = {name: value for name, value in variables.items() if _PUBLISHED.fullmatch(name)}
    if not (public := json.loads(public.pop(_OWN, "{}")) | public):
        return page
    said = json.dumps(public).replace("<", r"\u003c")  # nothing in a value ends the script
    found = _BEFORE_SCRIPTS.match(page)
    at = found.end() if found else 0
    return page[:at] + f"<script>window.huggingface={{variables:{said}}}</script>".encode() + page[at:]


def _file(path: Path) -> Response:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind in _TEXT:
        kind += "; charset=utf-8"
    if kind.startswith("text/html") and path.stat().st_size <= _PAGE_MAX:
        return Response(publish(path.read_bytes(), os.environ), headers={**_NO_STORE, "Content-Type": kind})
    return FileResponse(path, headers={**_NO_STORE, "Content-Type": kind})


def _not_found(request: Request, app_file: str) -> Response:
    top = request.url.path == "/"
    words = f"This site has no {html.escape(app_file)} yet." if top else "This site has no such page."
    return HTMLResponse(_NOT_FOUND.format(words=words), 404, headers=_NO_STORE)


if __name__ == "__main__":
    uvicorn.run(
        site(Path.cwd(), sys.argv[1]),
        host="0.0.0.0",  # noqa: S104  # inside the app's own network
        port=PORT,
        access_log=False,
        server_header=False,
    )
