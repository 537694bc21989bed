"""Options that every command has."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path,
    typer.Option(help="The installation's folder.", envvar="MINISPACES_DATA", file_okay=False, resolve_path=True),
]
DEFAULT_DATA = Path("data")
