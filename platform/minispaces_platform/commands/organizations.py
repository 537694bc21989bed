"""`minispaces org ...`."""

from enum import StrEnum
from typing import Annotated

import typer

from minispaces_platform.commands.options import DEFAULT_DATA, Data

app = typer.Typer(help="Organisations: teams that own Spaces.", no_args_is_help=True)


class MemberRole(StrEnum):
    READ = "read"
    CONTRIBUTOR = "contributor"
    WRITE = "write"
    ADMIN = "admin"


As = Annotated[MemberRole, typer.Argument(help="What they may do.")]


@app.command("create")
def create_organization(
    name: str,
    data: Data = DEFAULT_DATA,
    *,
    admin: Annotated[str, typer.Option(metavar="USER", help="Who administers it first.")],
) -> None:
    """Make an organisation."""
    from minispaces_platform.accounts.service import get_user
    from minispaces_platform.audit.service import COMMAND_LINE
    from minispaces_platform.commands.opening import changed
    from minispaces_platform.organizations import service

    with changed(data) as session:
        service.create_organization(session, COMMAND_LINE, name, admin=get_user(session, admin))
    typer.echo(f"Made {name}; {admin} administers it.")


@app.command("list")
def list_organizations(data: Data = DEFAULT_DATA) -> None:
    """Print the organisations, one a line."""
    from minispaces_platform.commands.opening import read
    from minispaces_platform.organizations.service import every_organization

    with read(data) as session:
        for organization in every_organization(session):
            typer.echo("\t".join(filter(None, (organization.name, organization.full_name))))


@app.command("members")
def list_members(name: str, data: Data = DEFAULT_DATA) -> None:
    """Print an organisation's members and their roles."""
    from minispaces_platform.commands.opening import read
    from minispaces_platform.namespaces import queries
    from minispaces_platform.organizations.service import get_organization

    with read(data) as session:
        for member in queries.list_members(session, get_organization(session, name).id):
            typer.echo(f"{member.name}\t{member.role}")


@app.command("add")
def add_member(name: str, user: str, data: Data = DEFAULT_DATA, role: As = MemberRole.READ) -> None:
    """Add USER to an organisation."""
    from minispaces_platform.accounts.service import get_user
    from minispaces_platform.audit.service import COMMAND_LINE
    from minispaces_platform.commands.opening import changed
    from minispaces_platform.models.roles import Role
    from minispaces_platform.organizations import members
    from minispaces_platform.organizations.service import get_organization

    with changed(data) as session:
        organization = get_organization(session, name)
        members.add_member(session, COMMAND_LINE, organization, user=get_user(session, user), role=Role(role))
    typer.echo(f"{user} is in {name}: {role.value}.")


@app.command("role")
def change_role(name: str, user: str, role: As, data: Data = DEFAULT_DATA) -> None:
    """Change what USER may do in an organisation."""
    from minispaces_platform.accounts.service import get_user
    from minispaces_platform.audit.service import COMMAND_LINE
    from minispaces_platform.commands.opening import changed
    from minispaces_platform.models.roles import Role
    from minispaces_platform.organizations import members
    from minispaces_platform.organizations.service import get_organization

    with changed(data) as session:
        organization = get_organization(session, name)
        members.change_role(session, COMMAND_LINE, organization, user=get_user(session, user), role=Role(role))
    typer.echo(f"{user} is in {name}: {role.value}.")


@app.command("remove")
def remove_member(name: str, user: str, data: Data = DEFAULT_DATA) -> None:
    """Take USER out of an organisation."""
    from minispaces_platform.accounts.service import get_user
    from minispaces_platform.audit.service import COMMAND_LINE
    from minispaces_platform.commands.opening import changed
    from minispaces_platform.organizations import members
    from minispaces_platform.organizations.service import get_organization

    with changed(data) as session:
        organization = get_organization(session, name)
        members.remove_member(session, COMMAND_LINE, organization, user=get_user(session, user))
    typer.echo(f"{user} is no longer in {name}.")


@app.command("rename")
def rename(name: str, new_name: str, data: Data = DEFAULT_DATA) -> None:
    """Give an organisation another name; old addresses lead on."""
    from minispaces_platform.audit.service import COMMAND_LINE
    from minispaces_platform.commands.opening import changed
    from minispaces_platform.namespaces import service
    from minispaces_platform.organizations.service import get_organization

    with changed(data) as session:
        service.rename(session, COMMAND_LINE, get_organization(session, name), name=new_name)
    typer.echo(f"{name} is called {new_name} now.")


@app.command("delete")
def delete_organization(name: str, data: Data = DEFAULT_DATA) -> None:
    """Delete an organisation that owns no Space."""
    from minispaces_platform.audit.service import COMMAND_LINE
    from minispaces_platform.commands.opening import changed
    from minispaces_platform.organizations import service

    with changed(data) as session:
        service.delete_organization(session, COMMAND_LINE, service.get_organization(session, name))
    typer.echo(f"{name} is gone.")
