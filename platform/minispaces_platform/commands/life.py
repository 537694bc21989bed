"""`minispaces status`, `sleep`, `wake`, `pause`, `restart` and `hardware`: an app's life, at a hub anywhere."""

from typing import TYPE_CHECKING, Annotated

import typer

from minispaces_contract.states import Stage
from minispaces_platform.commands.login import Url
from minispaces_platform.commands.spaces import FullName

if TYPE_CHECKING:
    from minispaces_platform.client.spaces import RemoteSpace

app = typer.Typer()
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is done.")]
Timeout = Annotated[int, typer.Option(min=1, help="Seconds to wait at most.")]
Json = Annotated[bool, typer.Option("--json", help="Print what the hub answers.")]
AN_HOUR = 3600


@app.command()
def status(space: FullName, url: Url = "", *, as_json: Json = False) -> None:
    """Say how an app is. Leaves with 0 where visitors get it, 3 if it failed, 4 if it is stopped, 5 in between."""
    from minispaces_platform.commands import life_words

    found = remote(space, url)
    runtime = found.runtime()
    typer.echo(runtime.model_dump_json(by_alias=True) if as_json else life_words.status_lines(space, runtime))
    raise typer.Exit(life_words.code_of(runtime.stage))


@app.command()
def sleep(space: FullName, url: Url = "", *, wait: Wait = True, timeout: Timeout = 60) -> None:
    """Put an app to sleep now; the next visitor wakes it."""
    from minispaces_platform.commands.waiting import finish

    found = remote(space, url)
    finish(
        found, found.change("sleep"), until=(lambda it: it.stage == Stage.SLEEPING) if wait else None, timeout=timeout
    )


@app.command()
def wake(space: FullName, url: Url = "", *, wait: Wait = True, timeout: Timeout = AN_HOUR) -> None:
    """Wake an app that sleeps, as a visitor does."""
    from minispaces_platform.commands.waiting import finish, is_settled

    found = remote(space, url)
    awake = (lambda it: is_settled(it) and it.stage != Stage.SLEEPING) if wait else None
    finish(found, found.change("wake"), until=awake, timeout=timeout)


@app.command()
def pause(space: FullName, url: Url = "") -> None:
    """Stop an app: it wakes for nobody until it is restarted."""
    from minispaces_platform.commands.waiting import finish

    found = remote(space, url)
    finish(found, found.change("pause"), until=None)


@app.command()
def restart(
    space: FullName, url: Url = "", *, wait: Wait = True, timeout: Timeout = AN_HOUR,
    factory: Annotated[bool, typer.Option("--factory", help="Build the newest version anew.")] = False,
) -> None:  # fmt: skip
    """Start an app anew, also one that is paused; what serves goes on serving until the new start answers."""
    from minispaces_platform.commands.waiting import finish, is_settled

    found = remote(space, url)
    finish(found, found.change("restart", factory=factory), until=is_settled if wait else None, timeout=timeout)


@app.command()
def hardware(
    space: FullName, flavour: Annotated[str, typer.Argument()] = "", url: Url = "", *,
    wait: Wait = True, timeout: Timeout = AN_HOUR,
) -> None:  # fmt: skip
    """Say which hardware an app has, or give it FLAVOUR: it moves as soon as it answers there."""
    from minispaces_platform.commands.life_words import hardware_words
    from minispaces_platform.commands.waiting import finish, is_settled

    found = remote(space, url)
    if not flavour:
        typer.echo(hardware_words(found.runtime().hardware))
        return
    changed = found.change("hardware", {"flavor": flavour})
    moves = wait and not is_settled(changed)
    finish(found, changed, until=is_settled if moves else None, timeout=timeout)


def remote(space: str, url: str) -> "RemoteSpace":
    """Raises InvalidError for what is no name, and NotFoundError for somebody who is not logged in."""
    from minispaces_platform.client.logins import logged_in
    from minispaces_platform.client.spaces import RemoteSpace
    from minispaces_platform.errors import InvalidError
    from minispaces_platform.names import check_name

    owner, slash, name = space.partition("/")
    if not slash:
        raise InvalidError(f"{space[:80]!r} is no Space.", hint="Say OWNER/NAME, such as ada/hello.")
    check_name(owner, what="person or organisation")
    check_name(name, what="Space")
    return RemoteSpace(logged_in(url), space)
