"""Waiting on a terminal until an app is as somebody asked for, and leaving with what became of it."""

import sys
import time
from collections.abc import Callable
from typing import NoReturn

import typer

from minispaces_platform.client.spaces import RemoteSpace, Runtime
from minispaces_platform.commands.life_words import code_of, told, words_of
from minispaces_platform.runtime.words import LASTS

_LOOK_SECONDS = 0.5
_FEWER_LOOKS_SECONDS = 2
_PATIENT_AFTER_SECONDS = 20
_NOT_IN_TIME = 5


def is_settled(runtime: Runtime) -> bool:
    return runtime.stage not in LASTS


def finish(
    space: RemoteSpace, runtime: Runtime, *, until: Callable[[Runtime], bool] | None, timeout: float = 0
) -> NoReturn:
    """Without `until` at once, else when it holds or nothing more can come; see `life_words.code_of` for the codes."""
    began, line = time.monotonic(), _Progress()
    while until is not None and not until(runtime):
        waited = time.monotonic() - began
        if waited > timeout:
            line.end()
            typer.echo(f"{space.name} is not done after {timeout:g} seconds. {told(space.name, runtime)}", err=True)
            raise typer.Exit(_NOT_IN_TIME)
        line.show(words_of(runtime.stage).label, waited)
        time.sleep(_LOOK_SECONDS if waited < _PATIENT_AFTER_SECONDS else _FEWER_LOOKS_SECONDS)
        runtime = space.runtime()
    line.end()
    typer.echo(told(space.name, runtime))
    raise typer.Exit(code_of(runtime.stage) if until else 0)


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
