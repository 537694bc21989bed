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
    from minispaces_platform.audit import service as audit
    from minispaces_platform.commands.opening import changed

    with changed(data) as session:
        user = service.add_user(session, name, admin=admin)
        audit.record(session, audit.COMMAND_LINE, "user.create", user, admin=admin)
    typer.echo(f"Added {name}.")


@app.command("list")
def list_users(data: Data = DEFAULT_DATA) -> None:
    """Print everybody, one a line, with what sets them apart."""
    from minispaces_platform.admin.queries import every_user
    from minispaces_platform.commands.opening import read

    with read(data) as session:
        for user in every_user(session):
            marks = ("admin" if user.is_admin else "", f"suspended: {user.suspended_reason}" * bool(user.suspended_at))
            typer.echo("\t".join((user.name, *filter(None, marks))))


@app.command("login-link")
def make_login_link(name: str, data: Data = DEFAULT_DATA) -> None:
    """Print a link that signs NAME in, once, within a day."""
    from minispaces_platform.accounts.service import get_user
    from minispaces_platform.admin import people
    from minispaces_platform.audit.service import COMMAND_LINE
    from minispaces_platform.commands.opening import opened

    with opened(data) as (database, settings), database.writing() as session:
        secret = people.make_login_link(session, COMMAND_LINE, get_user(session, name))
        typer.echo(f"{settings.hub_url}/login/{secret}")


@app.command("suspend")
def suspend(
    name: str,
    data: Data = DEFAULT_DATA,
    *,
    reason: Annotated[str, typer.Option(prompt=True, help="They read it when a token of theirs is refused.")],
) -> None:
    """Let somebody do nothing from now on; sessions end at once, and their Spaces run on."""
    from minispaces_platform.accounts.service import get_user
    from minispaces_platform.admin import people
    from minispaces_platform.audit.service import COMMAND_LINE
    from minispaces_platform.commands.opening import changed

    with changed(data) as session:
        people.suspend(session, COMMAND_LINE, get_user(session, name), reason=reason)
    typer.echo(f"{name} is suspended.")


@app.command("reinstate")
def reinstate(name: str, data: Data = DEFAULT_DATA) -> None:
    """End a suspension."""
    from minispaces_platform.accounts.service import get_user
    from minispaces_platform.admin import people
    from minispaces_platform.audit.service import COMMAND_LINE
    from minispaces_platform.commands.opening import changed

    with changed(data) as session:
        people.reinstate(session, COMMAND_LINE, get_user(session, name))
    typer.echo(f"{name} is reinstated.")


@app.command("admin")
def set_admin(
    name: str,
    data: Data = DEFAULT_DATA,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Make them an admin no more.")] = False,
) -> None:
    """Make somebody an admin of the installation."""
    from minispaces_platform.accounts.service import get_user
    from minispaces_platform.admin import people
    from minispaces_platform.audit.service import COMMAND_LINE
    from minispaces_platform.commands.opening import changed

    with changed(data) as session:
        people.set_admin(session, COMMAND_LINE, get_user(session, name), admin=not remove)
    typer.echo(f"{name} is {'no admin any more' if remove else 'an admin'}.")
