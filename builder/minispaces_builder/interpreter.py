"""One CPython."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Interpreter:
    version: str
    """In full, e.g. 3.11.7."""
    path: str
    """Empty for one that is only inside an image."""

    @property
    def minor(self) -> str:
        return minor_of(self.version)


def interpreter_folder(python: Interpreter) -> tuple[Path, ...]:
    """What a sandbox must show besides /usr for this interpreter to start."""
    folder = Path(python.path).resolve().parent.parent
    return () if not python.path or folder.is_relative_to("/usr") else (folder,)


def minor_of(version: str) -> str:
    return ".".join(version.split(".")[:2])
