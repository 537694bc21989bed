"""An app's output: a file that the app appends to, read once also across restarts, and kept from growing."""

import asyncio
import io
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

_CAP = 10 << 20
_KEEP = 1 << 20
_AT_ONCE = 1 << 16
_NOTE = b"[the output grew beyond 10 MB: earlier lines were removed]\n"
_SOONEST, _LATEST = 0.02, 0.25
"""Seconds between two looks at a quiet file."""


class Output:
    """The place reached lies in a file beside the output, and moves on before a line is handed out."""

    def __init__(self, path: Path, resume: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_APPEND)
        self._resume = os.open(resume, os.O_RDWR | os.O_CREAT, 0o600)
        self._position = int(os.pread(self._resume, 32, 0) or b"0")
        self._ahead: deque[bytes] = deque()

    def close(self) -> None:
        os.close(self._file)
        os.close(self._resume)

    def is_in(self, path: Path) -> bool:
        """Whether the app there still writes what is read here."""
        return path.exists() and os.path.samestat(os.fstat(self._file), path.stat())

    async def follow(self, has_ended: Callable[[], bool]) -> AsyncIterator[str]:
        """Lines as they come, until a look that began after the end finds nothing more.

        Works on when the files have been removed: they stay readable while they are open here.
        """
        pause = _SOONEST
        while True:
            last_look = not self._ahead and has_ended()
            self.cut()
            if not self._ahead:
                self._ahead = split_lines(os.pread(self._file, _AT_ONCE, self._position), last=last_look)
            if self._ahead:
                pause = _SOONEST
                line = self._ahead.popleft()
                self._move_to(self._position + len(line))
                yield line.decode(errors="replace").rstrip("\r\n")
            elif last_look:
                return
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, _LATEST)

    def cut(self) -> None:
        """Keep the newest megabyte of a file that has outgrown its cap. The app appends, so it need not know."""
        size = os.fstat(self._file).st_size
        if size <= _CAP:
            return
        begin = size - _KEEP
        kept = os.pread(self._file, _KEEP, begin)
        os.ftruncate(self._file, 0)
        os.write(self._file, _NOTE + kept)
        self._ahead.clear()
        self._move_to(len(_NOTE) + self._position - begin if self._position > begin else 0)

    def _move_to(self, position: int) -> None:
        self._position = position
        os.pwrite(self._resume, b"%-24d" % position, 0)


def split_lines(chunk: bytes, *, last: bool) -> deque[bytes]:
    """Lines with their ends. One without counts when it fills the chunk, or when nothing can follow."""
    lines, full = deque(io.BytesIO(chunk)), len(chunk) == _AT_ONCE
    counts = len(lines) == 1 if full else last
    if lines and not lines[-1].endswith(b"\n") and not counts:
        lines.pop()
    return lines


def is_too_large(path: Path) -> bool:
    return path.exists() and path.stat().st_size > _CAP


def last_lines(path: Path, count: int) -> list[str]:
    """Of an output file; empty when it is gone."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _AT_ONCE))
            lines = file.read().splitlines()
    except OSError:
        return []
    return [line.decode(errors="replace") for line in lines[-count:]]
