"""`minispaces login`, `logout` and `whoami`: a hub somewhere else, from one's own machine."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from minispaces_platform.client.credentials import Credential

app = typer.Typer()
Url = Annotated[
    str, typer.Option(envvar="MINISPACES_URL", help="The hub's address.  [default: the one last logged in to]")
]


@app.command()
def login(
    url: Url = "",
    token: Annotated[str, typer.Option(envvar="MINISPACES_TOKEN", help="An access token, instead of a browser.")] = "",
    *,
    git: Annotated[
        bool | None, typer.Option("--git/--no-git", help="Let git use the token too.  [default: asks]")
    ] = None,
) -> None:
    """Log this machine in to a hub, with a browser or with a token."""
    from minispaces_platform.client import credentials

    stored = credentials.load()
    address = credentials.address(url or stored.current)
    found = _by_token(address, token) if token else _by_browser(address)
    path = credentials.save(credentials.Credentials(current=address, hubs=stored.hubs | {address: found}))
    typer.echo(f"You are {found.name} at {address}. The token is in {path}.")
    if git if git is not None else _is_wanted_for_git():
        _tell_git(address, found)


def _by_token(url: str, token: str) -> "Credential":
    from minispaces_platform.client import credentials, hub

    return credentials.Credential(name=hub.whoami(url, token).name, token=token)


def _by_browser(url: str) -> "Credential":
    from minispaces_platform.client import hub

    start = hub.begin(url)
    typer.echo(f"Open this address in a browser:\n\n    {start.verification_uri_complete}\n")
    typer.echo(f"and check that it shows this code:\n\n    {start.user_code}\n")
    if start.verification_uri_complete.startswith(f"{url}/") and _has_browser():
        typer.launch(start.verification_uri_complete)
    typer.echo("Waiting for you there ... (Ctrl-C gives up)")
    tokens = hub.wait(url, start)
    return hub.remembered(hub.whoami(url, tokens.access_token).name, tokens)


def _has_browser() -> bool:
    """One with windows: a text browser would take the terminal over."""
    shows = sys.platform in {"darwin", "win32"} or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(shows) and sys.stdout.isatty() and not os.environ.get("SSH_CONNECTION")


def _is_wanted_for_git() -> bool:
    return sys.stdin.isatty() and typer.confirm("Let git use this token for pushes there?", default=True)


def _tell_git(url: str, credential: "Credential") -> None:
    from minispaces_platform.client import git

    if not git.has_helper():
        typer.echo("git has nowhere to keep it. Give it a place, then log in again:", err=True)
        typer.echo("    git config --global credential.helper store", err=True)
        return
    git.remember(url, credential.name, credential.token)
    typer.echo(f"git uses it for {url}.")


@app.command()
def logout(url: Url = "") -> None:
    """Forget the token for a hub, here and there."""
    from minispaces_platform.client import credentials, git, hub

    stored = credentials.load()
    address = credentials.address(url or stored.current)
    found = stored.get(address)
    if found.refresh_token:
        try:
            hub.revoke(address, found.refresh_token)
        except hub.HubError as error:
            typer.echo(f"{error.message} The token ends by itself.", err=True)
    git.forget(address, found.name)
    rest = {other: credential for other, credential in stored.hubs.items() if other != address}
    credentials.save(credentials.Credentials(current=next(iter(rest), credentials.DEFAULT_URL), hubs=rest))
    typer.echo(f"You are logged out of {address}.")


@app.command()
def whoami(url: Url = "") -> None:
    """Say who this machine is logged in as, and what the token may do."""
    from minispaces_platform.client import hub
    from minispaces_platform.client.logins import logged_in

    found = logged_in(url)
    about = hub.whoami(found.url, found.token)
    typer.echo(f"{about.name} at {found.url} ({about.role})")
