"""The door through which an app takes leases: a unix socket of its own, so that nobody needs to say who they are.

A line of JSON each. An app that will ask says `{"hello": true}` before its first visitor comes. It asks
`{"seconds": 60}`, and hears its place in the queue until it is told `granted`. It holds the lease as long as the
connection, and is told `taken` when that is over; an app that then does not let go within a grace is stopped.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from minispaces_runner.gpu.book import Book, GpuRefusedError, Wanted
from minispaces_runner.gpu.leases import Place

Tell = Callable[[Place], Awaitable[None]]
_LONGEST_LINE = 1000
_MOST_AT_ONCE = 200
_LEAST = 1.0
_HELLO = b'{"hello": true}\n'

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Terms:
    """What an app may have: `wanted.most` is the longest lease, `left` the seconds that its owner has this month."""

    wanted: Wanted
    left: float | None = None
    grace: float = 10.0


class Door:
    """`stop` ends an app that keeps what was taken from it; `terms` is asked whenever the app has come."""

    def __init__(
        self, book: Book, socket: Path, terms: Callable[[], Terms | None], *, stop: Callable[[], Awaitable[None]]
    ) -> None:
        self._book = book
        self._socket = socket
        self._terms = terms
        self._stop = stop
        self._open = 0

    async def serve(self) -> None:
        """Until cancelled. A socket that an earlier runner left gives way."""
        self._socket.parent.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._answer, self._socket, limit=_LONGEST_LINE)
        self._socket.chmod(0o666)  # the app's user is not ours; the folder is shown to this app alone
        try:
            async with server:
                await server.serve_forever()
        finally:
            self._socket.unlink(missing_ok=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            async with asyncio.timeout(10):
                line = await reader.readline()
            if line == _HELLO:
                self._terms()
            else:
                await self._lease(_seconds_of(line), reader, writer)
        except GpuRefusedError as error:
            await _say(writer, {"refused": str(error)})
        except (OSError, ValueError, TimeoutError):
            log.debug("gpu_door_closed", socket=str(self._socket))
        finally:
            self._open -= 1
            writer.close()

    async def _lease(self, seconds: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        terms = self._terms()
        if terms is None:
            raise GpuRefusedError("This app has no shared GPU.")
        if self._open > _MOST_AT_ONCE:
            raise GpuRefusedError("Too many people wait for this app's GPU; try again in a moment.")
        if terms.left is not None and terms.left <= 0:
            raise GpuRefusedError(
                f"The GPU minutes of {terms.wanted.owner} for this month are used. They begin anew with the next "
                "month; an administrator of this installation may allow more."
            )
        wanted = replace(terms.wanted, most=max(_LEAST, min(seconds, terms.wanted.most)))

        async def tell(place: Place) -> None:
            await _say(writer, {"position": place.position, "seconds": place.seconds})

        gone = asyncio.create_task(reader.read())
        holding = asyncio.create_task(self._hold(wanted, writer, tell=tell, terms=terms))
        try:
            await asyncio.wait([gone, holding], return_when=asyncio.FIRST_COMPLETED)
            if holding.done():
                holding.result()
        finally:
            for task in (gone, holding):
                task.cancel()
            await asyncio.gather(gone, holding, return_exceptions=True)

    async def _hold(self, wanted: Wanted, writer: asyncio.StreamWriter, *, tell: Tell, terms: Terms) -> None:
        async with self._book.lease(wanted, tell) as lease:
            await _say(writer, {"granted": True, "gpus": lease.gpus})
            await self._book.late(lease)
            await _say(writer, {"taken": f"The GPU was held for more than {wanted.most:g} s, and others wait."})
            await asyncio.sleep(terms.grace)
            log.warning("gpu_kept_too_long", space=wanted.space_id)
            await self._stop()


def _seconds_of(line: bytes) -> float:
    """Raises ValueError for what no app of ours says."""
    said = json.loads(line)
    seconds = float(said["seconds"]) if isinstance(said, dict) and "seconds" in said else 0.0
    if not 0 < seconds < float("inf"):
        raise ValueError("seconds")
    return seconds


async def _say(writer: asyncio.StreamWriter, words: dict[str, object]) -> None:
    with suppress(ConnectionError):
        writer.write(json.dumps(words).encode() + b"\n")
        await writer.drain()
