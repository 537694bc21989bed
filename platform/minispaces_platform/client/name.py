"""The id by which the command line asks a hub to sign somebody in."""

from typing import Final

MINISPACES_CLI: Final = "6d696e69-7370-4163-a573-2d636c690001"
