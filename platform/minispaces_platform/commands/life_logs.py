"""`minispaces logs`: what an app prints, or what its build said."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from minispaces_platform.commands.life import remote
from minispaces_platform.commands.login import Url
from minispaces_platform.commands.spaces import FullName

if TYPE_CHECKING:
    from minispaces_platform.client.logs import LogLine
    from minispaces_platform.client.spaces import RemoteSpace

app = typer.Typer()
_CUT_SECONDS = 300
"""A hub ends streams after about ten minutes; one that ended sooner is over."""


@app.command()
def logs(
    space: FullName, url: Url = "", *,
    build: Annotated[bool, typer.Option("--build", help="The newest build's log, not the app's.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes; Ctrl-C ends it.")] = False,
    lines: Annotated[int | None, typer.Option("--lines", "-n", min=0, help="Only the last so many lines.")] = None,
) -> None:  # fmt: skip
    """Print what the app printed since it started, or how its newest version was built."""
    from minispaces_platform.client.logs import log_lines

    found, which = remote(space, url), "build" if build else "run"
    printed = _followed(found, which, lines) if follow else log_lines(found, which, tail=lines, follow=False)
    try:
        for line in printed:
            typer.echo(line.data)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _followed(space: "RemoteSpace", which: str, lines: int | None) -> Iterator["LogLine"]:
    """A stream that was cut is asked for again: it begins at the beginning, so what was there already is left out."""
    from minispaces_platform.client.logs import log_lines

    last = ""
    while True:
        began, newest = time.monotonic(), last
        for line in log_lines(space, which, tail=None if last else lines, follow=True):
            if line.timestamp > last:
                newest = line.timestamp
                yield line
        if time.monotonic() - began < _CUT_SECONDS:
            return
        last = newest
