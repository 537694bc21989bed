"""How everything that an engine makes on the machine is marked as this installation's own."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from minispaces_runner.engine import EngineError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Installation:
    """Two installations on one machine never touch each other's apps, because their data directories differ."""

    id: str
    """Four hex digits."""

    @property
    def interface_prefix(self) -> str:
        return f"spc{self.id}"

    @property
    def table(self) -> str:
        return f"minispaces_{self.id}"

    @property
    def cgroup(self) -> str:
        return f"minispaces-{self.id}"

    def interface(self, index: int) -> str:
        """A network interface's name has at most 15 characters; the index makes it free of collisions."""
        return f"{self.interface_prefix}{index:07x}"


def installation_of(data: Path) -> Installation:
    return Installation(hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:4])


def checked_id(text: str) -> str:
    """An id that may become part of a path or a name. Raises EngineError."""
    if not _ID.fullmatch(text):
        raise EngineError("This deployment's id is malformed; deploy again.")
    return text
