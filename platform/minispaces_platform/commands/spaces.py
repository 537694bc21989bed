"""Commands about one Space."""

from enum import StrEnum
from typing import Annotated

import typer

from minispaces_platform.commands.options import DEFAULT_DATA, Data

app = typer.Typer()
FullName = Annotated[str, typer.Argument(metavar="OWNER/NAME")]


class WhoMaySee(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"
    PRIVATE = "private"
    PROTECTED = "protected"


@app.command()
def visibility(space: FullName, who: Annotated[WhoMaySee, typer.Argument()], data: Data = DEFAULT_DATA) -> None:
    """Choose who may see a Space and open its app. It holds at once; nothing restarts."""
    from minispaces_platform.audit.service import COMMAND_LINE
    from minispaces_platform.commands.opening import changed
    from minispaces_platform.models.roles import Visibility
    from minispaces_platform.spaces.service import get_space
    from minispaces_platform.spaces.visibility import set_visibility

    with changed(data) as session:
        set_visibility(session, COMMAND_LINE, get_space(session, *_split(space)), visibility=Visibility(who))
    typer.echo(f"{space} is {who.value}.")


def _split(space: str) -> tuple[str, str]:
    owner, _, name = space.partition("/")
    return owner, name
