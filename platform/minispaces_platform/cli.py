"""The one command. Parts are started by name, so this room imports no other."""

from enum import StrEnum
from typing import Annotated

import typer

from minispaces_platform.commands import life, life_logs, login, organizations, releases, spaces, tokens, users
from minispaces_platform.commands.options import DEFAULT_DATA, Data
from minispaces_platform.errors import MinispacesError

app = typer.Typer(
    help="Minispaces: push a demo, get a URL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)


class Engine(StrEnum):
    AUTO = "auto"
    PROCESS = "process"
    DOCKER = "docker"


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


app.add_typer(login.app)
app.add_typer(spaces.app)
app.add_typer(life.app)
app.add_typer(life_logs.app)
app.add_typer(releases.app)
app.add_typer(users.app, name="user")
app.add_typer(organizations.app, name="org")
app.add_typer(tokens.app, name="token")


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
