"""Docker's log stream as lines, each with the time stamp from which reading can be taken up again."""

from collections.abc import Iterator
from dataclasses import dataclass

_MOST = 1 << 16
"""Bytes of one line; a longer one is handed out in pieces."""


@dataclass(slots=True)
class LineReader:
    """Frames in, lines out. A long line comes in several frames, each with a time stamp of its own in front."""

    after: str = ""
    """Frames up to this time stamp were read before; RFC 3339 with nine digits compares as text."""
    _begun: bytes = b""

    def lines(self, frame: bytes) -> Iterator[tuple[str, str]]:
        """(time stamp, line) for each line that the frame completes."""
        stamp, _, content = frame.partition(b" ")
        at = stamp.decode(errors="replace")
        if at <= self.after:
            return
        self._begun += content
        if self._begun.endswith(b"\n") or len(self._begun) >= _MOST:
            line, self._begun = self._begun, b""
            yield at, line.decode(errors="replace").rstrip("\r\n")

    def rest(self) -> str | None:
        """What the app wrote last without an end of line."""
        return self._begun.decode(errors="replace") or None
