"""Log lines of a build or an app: a capped Redis stream, one writer, any number of readers.

The same entries reach the pusher (`remote: ...`), the page and the command line; `plain` is the one place
that decides how an entry looks as text. A build's stream ends with an `end` entry; an app's does not end.
Lines may be lost (the stream is capped, Redis may be gone); states never travel here alone.
"""

import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import redis
import redis.asyncio

MAX_LINE = 16_384
"""Characters of one line; longer ones are cut with a note (security corpus B30)."""
MAX_ENTRIES = 20_000

_CONTROL = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, among them the clipboard-writing 52
    r"|\x1b[PX^_][^\x1b]*\x1b\\"  # DCS, SOS, PM, APC
    r"|\x1b\[[0-?]*[ -/]*[@-ln-~]"  # CSI other than colours (m)
    r"|\x1b(?!\[)."  # two-byte escapes
    r"|[\x00-\x08\x0b-\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m|\x1b")


class Kind(StrEnum):
    HEADER = "header"
    LINE = "line"
    WARNING = "warning"
    ERROR = "error"
    END = "end"
    """The last entry of a build's stream; its text is `live` or `failed`."""


@dataclass(frozen=True, slots=True)
class Entry:
    kind: Kind
    text: str
    at: float
    """Seconds since the epoch."""
    id: str = ""
    """The stream's own id, for resuming; empty until written."""


def build_log(build_id: str) -> str:
    return f"minispaces:log:build:{build_id}"


def app_log(deployment_id: str) -> str:
    return f"minispaces:log:app:{deployment_id}"


def clean(text: str) -> str:
    """One harmless line: control sequences other than colours removed, progress bars cut to their last state."""
    text = text.rstrip("\r\n").rsplit("\r", 1)[-1]
    text = _CONTROL.sub("", text)
    return text if len(text) <= MAX_LINE else text[:MAX_LINE] + " … [line cut]"


def plain(entry: Entry) -> str:
    """An entry as a terminal shows it, without colours."""
    text = _COLOUR.sub("", entry.text)
    match entry.kind:
        case Kind.HEADER:
            return f"-----> {text}"
        case Kind.WARNING:
            return f" !     {text}"
        case Kind.ERROR:
            return f" !!    {text}"
        case Kind.LINE | Kind.END:
            return f"       {text}"


def entry(kind: Kind, text: str) -> Entry:
    return Entry(kind, clean(text), time.time())


def _fields(item: Entry) -> dict[Any, Any]:
    return {"k": item.kind.value, "m": item.text, "t": f"{item.at:.3f}"}


def _parse(entry_id: Any, fields: Any) -> Entry:
    return Entry(Kind(fields[b"k"].decode()), fields[b"m"].decode(), float(fields[b"t"]), entry_id.decode())


def append(client: redis.Redis, stream: str, *items: Entry) -> None:
    """Write from synchronous code (the builder). Raises `redis.RedisError`."""
    pipe = client.pipeline(transaction=False)
    for item in items:
        pipe.xadd(stream, _fields(item), maxlen=MAX_ENTRIES, approximate=True)
    pipe.execute()


async def append_async(client: redis.asyncio.Redis, stream: str, *items: Entry) -> None:
    """Write from asynchronous code (the platform and the runner). Raises `redis.RedisError`."""
    pipe = client.pipeline(transaction=False)
    for item in items:
        pipe.xadd(stream, _fields(item), maxlen=MAX_ENTRIES, approximate=True)
    await pipe.execute()


async def read(client: redis.asyncio.Redis, stream: str, *, count: int = MAX_ENTRIES) -> list[Entry]:
    """The newest `count` entries, oldest first."""
    newest: Any = await client.xrevrange(stream, count=count)
    return [_parse(*item) for item in reversed(newest)]


async def follow(
    client: redis.asyncio.Redis, stream: str, *, after: str = "0", idle_seconds: float = 5
) -> AsyncIterator[Entry | None]:
    """Entries after the id `after` as they come; None after each silence, so that a reader can look up.

    Ends after an `end` entry. Raises `redis.RedisError` when the server goes away.
    """
    while True:
        answer: Any = await client.xread({stream: after}, count=500, block=int(idle_seconds * 1000))
        if not answer:
            yield None
        for _stream, items in answer or ():
            for item in items:
                parsed = _parse(*item)
                after = parsed.id
                yield parsed
                if parsed.kind is Kind.END:
                    return
