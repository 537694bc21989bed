"""`minispaces token ...`."""

from enum import StrEnum
from typing import Annotated

import typer

from minispaces_platform.commands.options import DEFAULT_DATA, Data

app = typer.Typer(help="Access tokens for git and the API.", no_args_is_help=True)


class TokenScope(StrEnum):
    READ = "read"
    WRITE = "write"


@app.command("create")
def create_token(
    name: str,
    data: Data = DEFAULT_DATA,
    scope: Annotated[TokenScope, typer.Option(help="write may push.")] = TokenScope.WRITE,
) -> None:
    """Print a new access token for NAME. It is shown only now."""
    from minispaces_platform.accounts import service, tokens
    from minispaces_platform.commands.opening import opened
    from minispaces_platform.models.scopes import Scope

    with opened(data) as (database, _settings), database.writing() as session:
        typer.echo(tokens.create_token(session, service.get_user(session, name), scope=Scope(scope)))
