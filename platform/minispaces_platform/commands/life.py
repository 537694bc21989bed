"""`minispaces status`, `sleep`, `wake`, `pause`, `restart` and `hardware`: an app's life, at a hub anywhere."""

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from minispaces_contract.states import Stage
from minispaces_platform.commands.login import Url
from minispaces_platform.commands.spaces import FullName

if TYPE_CHECKING:
    from collections.abc import Callable

    from minispaces_platform.client.spaces import RemoteSpace, Runtime

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
    found = remote(space, url)
    _finish(
        found, found.change("sleep"), until=(lambda it: it.stage == Stage.SLEEPING) if wait else None, timeout=timeout
    )


@app.command()
def wake(space: FullName, url: Url = "", *, wait: Wait = True, timeout: Timeout = AN_HOUR) -> None:
    """Wake an app that sleeps, as a visitor does."""
    found = remote(space, url)
    awake = (lambda it: _is_settled(it) and it.stage != Stage.SLEEPING) if wait else None
    _finish(found, found.change("wake"), until=awake, timeout=timeout)


@app.command()
def pause(space: FullName, url: Url = "") -> None:
    """Stop an app: it wakes for nobody until it is restarted."""
    found = remote(space, url)
    _finish(found, found.change("pause"), until=None)


@app.command()
def restart(
    space: FullName, url: Url = "", *, wait: Wait = True, timeout: Timeout = AN_HOUR,
    factory: Annotated[bool, typer.Option("--factory", help="Build the newest version anew.")] = False,
) -> None:  # fmt: skip
    """Start an app anew, also one that is paused; what serves goes on serving until the new start answers."""
    found = remote(space, url)
    _finish(found, found.change("restart", factory=factory), until=_is_settled if wait else None, timeout=timeout)


@app.command()
def hardware(
    space: FullName, flavour: Annotated[str, typer.Argument()] = "", url: Url = "", *,
    wait: Wait = True, timeout: Timeout = AN_HOUR,
) -> None:  # fmt: skip
    """Say which hardware an app has, or give it FLAVOUR: it moves as soon as it answers there."""
    from minispaces_platform.commands.life_words import hardware_words

    found = remote(space, url)
    if not flavour:
        typer.echo(hardware_words(found.runtime().hardware))
        return
    changed = found.change("hardware", {"flavor": flavour})
    moves = wait and not _is_settled(changed)
    _finish(found, changed, until=_is_settled if moves else None, timeout=timeout)


def _is_settled(runtime: "Runtime") -> bool:
    from minispaces_platform.runtime.words import LASTS

    return runtime.stage not in LASTS


def _finish(
    space: "RemoteSpace", runtime: "Runtime", *, until: "Callable[[Runtime], bool] | None", timeout: float = 0
) -> NoReturn:
    """Without `until` at once, else when it holds or nothing more can come; see `life_words.code_of` for the codes."""
    from minispaces_platform.commands.life_words import code_of, told, words_of
    from minispaces_platform.commands.waiting import NOT_IN_TIME, watch

    if until:
        runtime = watch(runtime, space.runtime, until=until, label=lambda it: words_of(it.stage).label, timeout=timeout)
        if not until(runtime):
            typer.echo(f"{space.name} is not done after {timeout:g} seconds. {told(space.name, runtime)}", err=True)
            raise typer.Exit(NOT_IN_TIME)
    typer.echo(told(space.name, runtime))
    raise typer.Exit(code_of(runtime.stage) if until else 0)


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
