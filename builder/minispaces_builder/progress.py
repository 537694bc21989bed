"""BuildKit's `--progress=plain` output, line by line."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

_LINE = re.compile(r"#(\d+) (.*)")
_TIMED = re.compile(r"\d+\.\d+ ?(.*)")
_DONE = re.compile(r"DONE (\d+\.\d+)s")
_STEP = re.compile(r"\[(?:(?P<stage>[\w.-]+) )? *(?P<number>\d+/\d+)\] (?P<text>.+)")
"""Numbers below 10 of more than 9 are padded with a blank."""


class EventKind(StrEnum):
    STEP = "step"
    OUTPUT = "output"
    DONE = "done"
    CACHED = "cached"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Event:
    """`step` is the instruction as it stands in the Dockerfile."""

    kind: EventKind
    step: str
    text: str = ""
    seconds: float = 0


@dataclass(slots=True)
class Progress:
    """Remembers which number is which step; BuildKit's own steps (`[internal] ...`) make no events but errors."""

    steps: dict[str, str] = field(default_factory=dict)
    loose: list[str] = field(default_factory=list)
    """Lines outside any step: the final error is among them."""

    def read(self, line: str) -> Event | None:
        line = line.rstrip("\r\n")
        match = _LINE.fullmatch(line)
        if match is None:
            self.loose = [*self.loose, line][-50:] if line.strip() else self.loose
            return None
        number, text = match.groups()
        if number not in self.steps:
            return self._begin(number, text)
        return _event(self.steps[number], text)

    def _begin(self, number: str, text: str) -> Event | None:
        step = _STEP.fullmatch(text)
        self.steps[number] = f"[{step['number']}] {step['text']}" if step else ""
        return Event(EventKind.STEP, self.steps[number]) if step else None


def _event(step: str, text: str) -> Event | None:
    if text.startswith("ERROR: "):
        return Event(EventKind.ERROR, step, text.removeprefix("ERROR: "))
    if not step or text.startswith("sha256:"):
        return None
    if timed := _TIMED.fullmatch(text):
        return Event(EventKind.OUTPUT, step, timed[1])
    if done := _DONE.fullmatch(text):
        return Event(EventKind.DONE, step, seconds=float(done[1]))
    return Event(EventKind.CACHED, step) if text == "CACHED" else None
