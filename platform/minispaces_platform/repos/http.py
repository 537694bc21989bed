"""git over smart HTTP: push, fetch and clone through the system's git, streamed both ways.

The answers are sent by hand: Starlette's StreamingResponse reads the request to notice a disconnect, and would
steal body chunks; and uvicorn sends `100 Continue` only while no answer has begun, so it begins with the first byte.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from minispaces_platform.errors import ForbiddenError, NotFoundError
from minispaces_platform.guard import Delegated
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.repos.doorkeeper import Opened, Service, open_repository
from minispaces_platform.repos.pktline import FLUSH, packet
from minispaces_platform.repos.process import THREADS, ask_git, start_git
from minispaces_platform.repos.receive import Push, feed, receive

router = APIRouter(include_in_schema=False, dependencies=[Depends(Delegated("doorkeeper.open_repository"))])

_NEVER_CACHED = {"Cache-Control": "no-cache, max-age=0, must-revalidate", "Expires": "Fri, 01 Jan 1980 00:00:00 GMT"}
LARGE_BYTES = 1 << 20
"""Git sends more than it buffers (1 MiB unless told otherwise) in chunks, of unsaid length."""
_PROBE_BYTES = 4
"""git tries a large push with one flush packet first, to learn whether it is let in."""


@router.get("/spaces/{owner}/{name}/info/refs")
async def info_refs(
    request: Request, owner: str, name: str, parts: PartsDep, service: Annotated[str, Query()] = ""
) -> Response:
    """What is there, for fetch or push. The first place where git shows our words, so refusals come here."""
    if service not in list(Service):
        raise ForbiddenError("This server speaks git's smart protocol only.", hint="Use a git newer than 1.6.6.")
    opened = await _open(request, parts, (owner, name), service=Service(service))
    store = parts.store
    path = store.path(opened.space_id) if opened.space_id else store.empty
    version = request.headers.get("git-protocol", "")[:200]
    refs = await ask_git(
        service.removeprefix("git-"), "--stateless-rpc", "--http-backend-info-refs", str(path),
        env=store.environment | {"GIT_PROTOCOL": version},
    )  # fmt: skip
    announced = b"" if refs.startswith(b"000eversion 2") else packet(f"# service={service}\n".encode()) + FLUSH
    return Response(announced + refs, media_type=f"application/x-{service}-advertisement", headers=_NEVER_CACHED)


@router.post("/spaces/{owner}/{name}/git-upload-pack")
async def upload_pack(request: Request, owner: str, name: str, parts: PartsDep) -> Response:
    opened = await _open(request, parts, (owner, name), service=Service.UPLOAD)
    if opened.space_id is None:
        raise NotFoundError(f"There is no Space {owner}/{name}.")
    return _UploadPack(request, parts, opened.space_id)


@router.post("/spaces/{owner}/{name}/git-receive-pack")
async def receive_pack(request: Request, owner: str, name: str, parts: PartsDep) -> Response:
    probe = request.headers.get("content-length") == str(_PROBE_BYTES)
    opened = await _open(request, parts, (owner, name), service=Service.RECEIVE, create=not probe)
    if probe or opened.space_id is None or opened.user_id is None:
        await request.body()
        return PlainTextResponse(b"", media_type="application/x-git-receive-pack-result", headers=_NEVER_CACHED)
    large = int(request.headers.get("content-length") or LARGE_BYTES) >= LARGE_BYTES
    push = Push(opened.space_id, opened.user_id, opened.default_branch, opened.unborn, updates=[], large=large)
    return _ReceivePack(request, parts, push)


async def _open(
    request: Request, parts: Parts, space: tuple[str, str], *, service: Service, create: bool = False
) -> Opened:
    authorization = request.headers.get("authorization", "")
    return await anyio.to_thread.run_sync(
        partial(open_repository, parts, authorization, space, service=service, create=create), limiter=THREADS
    )


class _Streamed(Response):
    """Raw ASGI: head with the first bytes, then packets as they come. Whoever hung up is noticed by `gone`."""

    def __init__(self, request: Request, parts: Parts, service: str) -> None:
        self.request = request
        self.parts = parts
        self.head = [
            (b"content-type", f"application/x-{service}-result".encode()),
            *((key.lower().encode(), value.encode()) for key, value in _NEVER_CACHED.items()),
        ]
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._send, self._begun = send, False
        await self.answer()
        await self._begin()
        await send({"type": "http.response.body", "body": b""})

    async def answer(self) -> None:
        raise NotImplementedError

    async def write(self, data: bytes) -> None:
        if data:
            await self._begin()
            await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            await self._send({"type": "http.response.start", "status": 200, "headers": self.head})


class _ReceivePack(_Streamed):
    def __init__(self, request: Request, parts: Parts, push: Push) -> None:
        super().__init__(request, parts, "git-receive-pack")
        self.push = push

    async def answer(self) -> None:
        await receive(self.parts, self.push, decoded(self.request), self.write)


class _UploadPack(_Streamed):
    def __init__(self, request: Request, parts: Parts, space_id: str) -> None:
        super().__init__(request, parts, "git-upload-pack")
        self.space_id = space_id

    async def answer(self) -> None:
        version = self.request.headers.get("git-protocol", "")[:200]
        process = await start_git(
            "upload-pack", "--stateless-rpc", str(self.parts.store.path(self.space_id)),
            env=self.parts.store.environment | {"GIT_PROTOCOL": version},
        )  # fmt: skip
        feeding = asyncio.create_task(feed(process, decoded(self.request)))
        try:
            while chunk := await process.stdout.read(1 << 16):
                await self.write(chunk)
        finally:
            feeding.cancel()
            process.kill()  # only alive when the client hung up
            await process.wait()


async def decoded(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes, gunzipped where git zipped it; a bomb costs no more memory than a chunk at a time."""
    zipped = request.headers.get("content-encoding", "") in {"gzip", "x-gzip"}
    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS) if zipped else None
    async for chunk in request.stream():
        if unzip is None:
            yield chunk
            continue
        pending = chunk
        while pending:
            yield unzip.decompress(pending, 1 << 20)
            pending = unzip.unconsumed_tail
