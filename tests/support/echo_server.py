"""A server on a loopback address of its own that says who it is and repeats what it was asked."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple


def free_address() -> str:
    return ".".join(["127", *(str(random.randint(1, 254)) for _ in range(3))])


class Place(NamedTuple):
    """Where an echo server listens, and a count of the requests that it has read."""

    ip: str
    port: int


class EchoPlace(Place):
    requests = 0


@asynccontextmanager
async def echo_server(name: str, path: Path | None = None) -> AsyncIterator[EchoPlace]:
    """Answers with its name, then the request as it came."""
    place = EchoPlace(free_address(), 7860)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                place.requests += 1
                body = name.encode() + b"\n" + head + await _read_body(reader, head.lower())
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    start = asyncio.start_unix_server(converse, path) if path else asyncio.start_server(converse, *place)
    async with await start:
        yield place


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if b"\r\ncontent-length: " in head:
        return await reader.readexactly(int(head.split(b"content-length: ")[1].split()[0]))
    body = b""
    if b"\r\ntransfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    return body
