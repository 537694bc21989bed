"""The one command. Parts are started by name, so this room imports no other."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from minispaces_platform.errors import MinispacesError

app = typer.Typer(
    help="Minispaces: push a demo, get a URL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)
user_app = typer.Typer(help="People of this installation.", no_args_is_help=True)
token_app = typer.Typer(help="Access tokens for git and the API.", no_args_is_help=True)
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")

Data = Annotated[
    Path,
    typer.Option(help="The installation's folder.", envvar="MINISPACES_DATA", file_okay=False, resolve_path=True),
]
DEFAULT_DATA = Path("data")


class Engine(StrEnum):
    AUTO = "auto"
    PROCESS = "process"
    DOCKER = "docker"


class TokenScope(StrEnum):
    READ = "read"
    WRITE = "write"


@app.command()
def up(
    data: Data = DEFAULT_DATA,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where people reach the hub and the apps.")] = 8080,
    domain: Annotated[str, typer.Option(help="The hub's host name.")] = "localhost",
    apps_domain: Annotated[str, typer.Option(help="Apps are served below it.  [default: apps.DOMAIN]")] = "",
    engine: Annotated[Engine, typer.Option(help="auto takes Docker when an engine answers.")] = Engine.AUTO,
    *,
    welcome: Annotated[bool, typer.Option("--welcome/--no-welcome", help="Deploy the welcome demo once.")] = True,
) -> None:
    """Start every part on this machine, in the foreground; Ctrl-C stops it."""
    from minispaces_platform.embedded import up as embedded
    from minispaces_platform.installation import Addresses

    addresses = Addresses(domain=domain.lower(), apps_domain=(apps_domain or f"apps.{domain}").lower(), port=port)
    raise typer.Exit(embedded.run(embedded.Options(data, addresses, engine=engine, welcome=welcome)))


@user_app.command("add")
def add_user(
    name: str,
    data: Data = DEFAULT_DATA,
    *,
    admin: Annotated[bool, typer.Option("--admin", help="May administer the installation.")] = False,
) -> None:
    """Add a person; they sign in with a link (see login-link)."""
    from minispaces_platform.accounts import service
    from minispaces_platform.command import opened

    with opened(data) as (database, _settings), database.writing() as session:
        service.add_user(session, name, admin=admin)
    typer.echo(f"Added {name}.")


@user_app.command("login-link")
def make_login_link(name: str, data: Data = DEFAULT_DATA) -> None:
    """Print a link that signs NAME in, once, within a day."""
    from minispaces_platform.accounts import service
    from minispaces_platform.command import opened

    with opened(data) as (database, settings), database.writing() as session:
        secret = service.create_login_link(session, service.get_user(session, name))
        typer.echo(f"{settings.hub_url}/login/{secret}")


@token_app.command("create")
def create_token(
    name: str,
    data: Data = DEFAULT_DATA,
    scope: Annotated[TokenScope, typer.Option(help="write may push.")] = TokenScope.WRITE,
) -> None:
    """Print a new access token for NAME. It is shown only now."""
    from minispaces_platform.accounts import service
    from minispaces_platform.command import opened
    from minispaces_platform.models.scopes import Scope

    with opened(data) as (database, _settings), database.writing() as session:
        typer.echo(service.create_token(session, service.get_user(session, name), scope=Scope(scope)))


@app.command()
def hardware(
    space: Annotated[str, typer.Argument(metavar="OWNER/NAME")], flavour: str, data: Data = DEFAULT_DATA
) -> None:
    """Choose the hardware that the next version of a Space is built and run for."""
    from minispaces_platform.command import opened
    from minispaces_platform.spaces.hardware import get_flavour
    from minispaces_platform.spaces.service import get_space, set_hardware

    owner, _, name = space.partition("/")
    with opened(data) as (database, _settings), database.writing() as session:
        set_hardware(get_space(session, owner, name), get_flavour(flavour))
    typer.echo(f"{space} gets {flavour} with its next push.")


@app.command()
def doctor(data: Data = DEFAULT_DATA) -> None:
    """Say what is there, what is missing and how to get it."""
    from minispaces_platform import doctor as doctors

    findings = doctors.examine(data)
    for finding in findings:
        typer.echo(doctors.line_of(finding))
    raise typer.Exit(any(finding.needed and not finding.there for finding in findings))


def main() -> None:
    """Errors that are made for people are shown as such, and leave with code 1."""
    try:
        app()
    except MinispacesError as error:
        typer.echo(f"Error: {error.message}" + (f"\n{error.hint}" if error.hint else ""), err=True)
        raise SystemExit(1) from None
