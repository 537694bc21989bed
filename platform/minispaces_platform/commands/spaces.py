"""Commands about one Space."""

from typing import Annotated

import typer

from minispaces_platform.commands.options import DEFAULT_DATA, Data

app = typer.Typer()
FullName = Annotated[str, typer.Argument(metavar="OWNER/NAME")]


@app.command()
def hardware(space: FullName, flavour: str, data: Data = DEFAULT_DATA) -> None:
    """Choose the hardware that the next version of a Space is built and run for."""
    from minispaces_platform.commands.opening import opened
    from minispaces_platform.spaces.hardware import get_flavour
    from minispaces_platform.spaces.service import get_space, set_hardware

    owner, _, name = space.partition("/")
    with opened(data) as (database, _settings), database.writing() as session:
        set_hardware(get_space(session, owner, name), get_flavour(flavour))
    typer.echo(f"{space} gets {flavour} with its next push.")
