"""`minispaces token ...`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from minispaces_platform.commands.options import DEFAULT_DATA, Data

if TYPE_CHECKING:
    from minispaces_platform.models.accounts import AccessToken

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
    from minispaces_platform.audit import service as audit
    from minispaces_platform.commands.opening import changed
    from minispaces_platform.models.scopes import Scope

    with changed(data) as session:
        user = service.get_user(session, name)
        token = tokens.create_token(session, user, scope=Scope(scope))
        audit.record(session, audit.COMMAND_LINE, "token.create", user, scope=scope.value)
    typer.echo(token)


@app.command("list")
def list_tokens(name: str, data: Data = DEFAULT_DATA) -> None:
    """Print NAME's tokens: how each begins, its scope, name, last use and end."""
    from minispaces_platform.accounts import service, tokens
    from minispaces_platform.commands.opening import read

    with read(data) as session:
        for token in tokens.list_tokens(session, service.get_user(session, name)):
            used = f"used {token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never used"
            ends = f"until {token.expires_at:%Y-%m-%d}" if token.expires_at else "without end"
            typer.echo("\t".join((f"{token.hint}…", token.scope.value, token.name or "-", used, ends, token.id)))


@app.command("revoke")
def revoke_token(
    name: str, token: Annotated[str, typer.Argument(metavar="HINT_OR_ID")], data: Data = DEFAULT_DATA
) -> None:
    """End a token of NAME at once; see `token list` for how it begins."""
    from minispaces_platform.accounts import service, tokens
    from minispaces_platform.audit import service as audit
    from minispaces_platform.commands.opening import changed

    with changed(data) as session:
        user = service.get_user(session, name)
        found = _chosen(tokens.list_tokens(session, user), token)
        tokens.revoke_token(session, user, found.id)
        audit.record(session, audit.COMMAND_LINE, "token.revoke", user, name=found.name, hint=found.hint)
    typer.echo("Revoked. Whatever used it is refused from now on.")


def _chosen(tokens: "list[AccessToken]", hint_or_id: str) -> "AccessToken":
    """Raises NotFoundError, and ConflictError where two begin alike."""
    from minispaces_platform.errors import ConflictError, NotFoundError

    wanted = hint_or_id.rstrip("…")
    found = [token for token in tokens if wanted in {token.id, token.hint}]
    if not found:
        raise NotFoundError(f"There is no token {hint_or_id[:40]!r}.", hint="See: minispaces token list NAME")
    if len(found) > 1:
        raise ConflictError("Several tokens begin like that.", hint="Give the id, the last word of a line of the list.")
    return found[0]
