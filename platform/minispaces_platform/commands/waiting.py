"""Waiting on a terminal until something at the hub is as somebody asked for."""

import sys
import time
from collections.abc import Callable
from typing import Final, TypeVar

import typer

FAILED: Final = 3
NOT_IN_TIME: Final = 5
"""Exit codes, beside 0 and 4 (stopped)."""
_LOOK_SECONDS: Final = 0.1
_LOOK_SECONDS_MAX: Final = 1.0
Seen = TypeVar("Seen")


def watch(
    seen: Seen, look: Callable[[], Seen], *, until: Callable[[Seen], bool], label: Callable[[Seen], str], timeout: float
) -> Seen:
    """What `until` holds for, or what is there after `timeout` seconds; on standard error, how far it is meanwhile."""
    began, line, pause = time.monotonic(), _Progress(), _LOOK_SECONDS
    try:
        while not until(seen) and (waited := time.monotonic() - began) < timeout:
            line.show(label(seen), waited)
            time.sleep(pause)
            pause = min(pause * 1.2, _LOOK_SECONDS_MAX)
            seen = look()
    finally:
        line.end()
    return seen


class _Progress:
    """One line that is written over on a terminal; elsewhere one for each new stage."""

    def __init__(self) -> None:
        self.on_terminal = sys.stderr.isatty()
        self.shown = ""

    def show(self, label: str, waited: float) -> None:
        if self.on_terminal:
            typer.echo(f"\r\x1b[2K{label} … {waited:.0f} s", err=True, nl=False)
        elif label != self.shown:
            typer.echo(f"{label} …", err=True)
        self.shown = label

    def end(self) -> None:
        if self.on_terminal and self.shown:
            typer.echo("\r\x1b[2K", err=True, nl=False)
