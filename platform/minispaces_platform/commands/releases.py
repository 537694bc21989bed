"""`minispaces versions`, `rollback` and `promote`: which version of an app serves, at a hub anywhere."""

from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from minispaces_platform.commands.life import AN_HOUR, Json, Timeout, Wait, remote
from minispaces_platform.commands.login import Url
from minispaces_platform.commands.spaces import FullName

if TYPE_CHECKING:
    from minispaces_platform.client.releases import Accepted, Release, Version
    from minispaces_platform.client.spaces import RemoteSpace

app = typer.Typer()
Number = Annotated[int, typer.Argument(metavar="VERSION", min=1)]
_UNDER_WAY: Final = {"building": "Building", "starting": "Starting"}


@app.command()
def versions(space: FullName, url: Url = "", *, as_json: Json = False) -> None:
    """List a Space's newest versions: which one serves, which wait to be promoted, and where each can be seen."""
    from minispaces_platform.client import releases

    found = releases.versions(remote(space, url))
    if as_json:
        typer.echo("[" + ",\n".join(each.model_dump_json() for each in found) + "]")
        return
    for each in found:
        typer.echo(line_of(each))
    if not found:
        typer.echo(f"{space} has no version yet: each push makes one.")


@app.command()
def rollback(
    space: FullName, version: Annotated[int, typer.Argument(metavar="[VERSION]", min=0, show_default=False)] = 0,
    url: Url = "", *, wait: Wait = True, timeout: Timeout = AN_HOUR,
) -> None:  # fmt: skip
    """Go back to a version, with its variables, secrets and hardware; without VERSION to the last good one."""
    from minispaces_platform.client import releases

    found = remote(space, url)
    accepted = releases.roll_back(found, version or None)
    _finish(found, accepted, f"Going back to version {accepted.version}", wait=wait, timeout=timeout)


@app.command()
def promote(space: FullName, version: Number, url: Url = "", *, wait: Wait = True, timeout: Timeout = AN_HOUR) -> None:
    """Let a version that is built go live: a held one, or a preview of another branch."""
    from minispaces_platform.client import releases

    found = remote(space, url)
    accepted = releases.promote(found, version)
    _finish(found, accepted, f"Promoting version {accepted.version}", wait=wait, timeout=timeout)


def line_of(version: "Version") -> str:
    from minispaces_platform.wording import tidy

    marks = [word for word, holds in (("live", version.live), ("held", version.held)) if holds]
    marks += [] if version.status == "succeeded" else [version.status]
    marks += [] if version.kept or version.status != "succeeded" else ["collected"]
    what = f"{version.commit[:7]} {tidy(version.branch)[:30]}"
    title = tidy(version.title)[:60] or "No message"
    where = f"\n      {version.preview}" if version.preview else ""
    return f"{version.version:>4}  {', '.join(marks):<10} {what:<24} {title}{where}"


def _finish(space: "RemoteSpace", accepted: "Accepted", doing: str, *, wait: bool, timeout: float) -> NoReturn:
    """Leaves with 0 where it is live, 3 where it failed, 5 where it is not done in time."""
    from minispaces_platform.client import releases
    from minispaces_platform.commands.waiting import FAILED, NOT_IN_TIME, watch

    since = f" from version {accepted.was}" if accepted.was not in {None, accepted.version} else ""
    typer.echo(f"{doing}{since}.")
    if accepted.rebuiltAs:
        typer.echo(f"Its files were collected: its commit is built anew, as version {accepted.rebuiltAs}.")
    if not wait:
        raise typer.Exit
    seen = watch(
        releases.release(space, accepted), lambda: releases.release(space, accepted),
        until=lambda it: it.state not in _UNDER_WAY, label=lambda it: _UNDER_WAY[it.state], timeout=timeout,
    )  # fmt: skip
    if seen.state in _UNDER_WAY:
        typer.echo(f"It is not done after {timeout:g} seconds. It goes on by itself.", err=True)
        raise typer.Exit(NOT_IN_TIME)
    typer.echo(_ended(seen), err=seen.state != "live")
    raise typer.Exit(0 if seen.state == "live" else FAILED)


def _ended(seen: "Release") -> str:
    from minispaces_platform.wording import tidy

    if seen.state == "live":
        took = f", started in {seen.seconds:.1f} s" if seen.seconds else ""
        return f"Version {seen.version} is live{took}: {seen.url}"
    words = tidy(seen.words)
    if seen.state == "failed":
        return f"Version {seen.version} did not go live: {words} What served before still serves."
    return f"Version {seen.version} is not live: {words}"
