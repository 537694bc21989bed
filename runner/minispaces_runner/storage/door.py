"""A door for the platform alone: looking into volumes, and reading what is in them. Nothing is changed through it."""

import hmac
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from minispaces_contract.storage import Listing
from minispaces_runner.engine import EngineError
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.storage.archive import zip_folder
from minispaces_runner.storage.reading import NotThereError, list_folder, open_file, opened_folder, parts_of
from minispaces_runner.storage.volumes import Volumes

_CHUNK = 1 << 18
_GONE = Response(status_code=404)


def make_storage_door(volumes: Volumes, settings: RunnerSettings) -> Starlette:
    """`/ID/list`, `/ID/file` and `/ID/zip`, each with a quoted `path` in the query."""

    def answered(respond: Callable[[Path, list[bytes]], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if not _may_ask(request, settings):
                return Response(status_code=401)
            name, path = request.path_params["name"], request.query_params.get("path", "")
            return await to_thread.run_sync(_respond, volumes, name, path, respond)

        return answer

    return Starlette(
        routes=[
            Route("/{name}/list", answered(_list)),
            Route("/{name}/file", answered(_file)),
            Route("/{name}/zip", answered(_zip)),
        ]
    )


def _may_ask(request: Request, settings: RunnerSettings) -> bool:
    expected = f"Bearer {settings.internal_token.get_secret_value()}"
    return hmac.compare_digest(request.headers.get("authorization", "").encode(), expected.encode())


def _respond(volumes: Volumes, name: str, path: str, respond: Callable[[Path, list[bytes]], Response]) -> Response:
    try:
        root = volumes.find(name)
        return respond(root, parts_of(path)) if root else _GONE
    except NotThereError:
        return _GONE
    except (EngineError, OSError):
        return Response(status_code=503)


def _list(root: Path, parts: list[bytes]) -> Response:
    entries, total = list_folder(root, parts)
    listing = Listing(entries=tuple(entries), total=total)
    return Response(listing.model_dump_json(), media_type="application/json")


def _file(root: Path, parts: list[bytes]) -> Response:
    file = open_file(root, parts)
    size = os.fstat(file).st_size
    return StreamingResponse(_chunks(os.fdopen(file, "rb"), size), headers={"Content-Length": str(size)})


def _zip(root: Path, parts: list[bytes]) -> Response:
    with opened_folder(root, parts):
        pass
    return StreamingResponse(zip_folder(root, parts))


def _chunks(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Exactly as much as was said, also of a file that grows; of one that shrinks the connection breaks off."""
    with file:
        while size > 0 and (chunk := file.read(min(_CHUNK, size))):
            size -= len(chunk)
            yield chunk
