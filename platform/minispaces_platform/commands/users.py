"""`minispaces user ...`."""

from typing import Annotated

import typer

from minispaces_platform.commands.options import DEFAULT_DATA, Data

app = typer.Typer(help="People of this installation.", no_args_is_help=True)


@app.command("add")
def add_user(
    name: str,
    data: Data = DEFAULT_DATA,
    *,
    admin: Annotated[bool, typer.Option("--admin", help="May administer the installation.")] = False,
) -> None:
    """Add a person; they sign in with a link (see login-link)."""
    from minispaces_platform.accounts import service
    from minispaces_platform.commands.opening import opened

    with opened(data) as (database, _settings), database.writing() as session:
        service.add_user(session, name, admin=admin)
    typer.echo(f"Added {name}.")


@app.command("login-link")
def make_login_link(name: str, data: Data = DEFAULT_DATA) -> None:
    """Print a link that signs NAME in, once, within a day."""
    from minispaces_platform.accounts import links, service
    from minispaces_platform.commands.opening import opened

    with opened(data) as (database, settings), database.writing() as session:
        secret = links.create_login_link(session, service.get_user(session, name))
        typer.echo(f"{settings.hub_url}/login/{secret}")
