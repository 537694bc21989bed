"""WebSockets that stay open while something happens, each counting with the app at its other end."""

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from support.installation import Installation
from support.waiting import wait_for
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

_SECONDS = 60
_PAUSE = 1.0
README = "---\nsdk: gradio\nsdk_version: 5.29.0\n---\n"
_APP = """
import asyncio, http
from websockets.asyncio.server import serve

def answer(connection, request):
    if "Upgrade" not in request.headers:
        return connection.respond(http.HTTPStatus.OK, "{version}")

async def repeat(websocket):
    async for message in websocket:
        await websocket.send("{version} " + message)

async def main():
    async with serve(repeat, "0.0.0.0", 7860, backlog=2048, process_request=answer, ping_interval=None) as server:
        await server.serve_forever()

asyncio.run(main())
"""


def repeating_app(version: str) -> dict[str, str | bytes]:
    """It repeats what it hears, with its version before it."""
    return {"README.md": README, "app.py": _APP.format(version=version)}


@dataclass
class Sockets:
    """`counted` are answers that came, `dropped` sockets that ended and why; `versions` says who is at their ends."""

    at: Installation
    host: str
    many: int
    counted: int = 0
    versions: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread = field(init=False)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._hold_all()))
        self._thread.start()
        wait_for(lambda: self.versions.total() + self.dropped.total() >= self.many, seconds=_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    async def _hold_all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self.many):
                group.create_task(self._hold())

    async def _hold(self) -> None:
        try:
            async with open_socket(self.at, self.host) as websocket:
                version = (await ask(websocket, "0")).partition(" ")[0]
                self.versions[version] += 1
                await self._count(websocket, version)
        except (OSError, WebSocketException, TimeoutError) as error:
            self.dropped[type(error).__name__] += 1

    async def _count(self, websocket: ClientConnection, version: str) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            if await ask(websocket, str(number)) == f"{version} {number}":
                self.counted += 1
            else:
                self.dropped["another answer"] += 1
            await asyncio.sleep(_PAUSE)


def open_socket(at: Installation, host: str) -> connect:
    url = f"ws://{host}:{at.port}/"
    return connect(url, host="127.0.0.1", port=at.port, proxy=None, ping_interval=None, open_timeout=_SECONDS)


async def ask(websocket: ClientConnection, message: str) -> str:
    await websocket.send(message)
    return str(await asyncio.wait_for(websocket.recv(), _SECONDS))


def version_of_a_new_one(at: Installation, host: str) -> str:
    async def look() -> str:
        async with open_socket(at, host) as websocket:
            return (await ask(websocket, "who")).partition(" ")[0]

    return asyncio.run(look())
