"""A user id of its own for every Space, the same for all its versions, so that it owns its files for good."""

import hashlib
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path

from minispaces_runner.engine import EngineError

FIRST, LAST = 20_000, 59_999
"""Debian gives these to nobody; 60000 and above belong to the system."""


def choose_uid(space_id: str, taken: frozenset[int]) -> int:
    """The Space's own number where it is free, else the next one. Raises EngineError when none is left."""
    count = LAST - FIRST + 1
    wanted = int.from_bytes(hashlib.sha256(space_id.encode()).digest()[:8]) % count
    for step in range(count):
        uid = FIRST + (wanted + step) % count
        if uid not in taken:
            return uid
    raise EngineError(f"All {count} user ids for Spaces are in use; delete Spaces that nobody needs.")


@dataclass(frozen=True, slots=True)
class SpaceUids:
    """The register on disk."""

    path: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, space_id: str) -> int:
        """Raises EngineError."""
        with self._lock:
            known: dict[str, int] = json.loads(self.path.read_text()) if self.path.exists() else {}
            if space_id not in known:
                known[space_id] = choose_uid(space_id, frozenset(known.values()))
                new = self.path.with_suffix(".new")
                new.write_text(json.dumps(known))
                new.replace(self.path)
            return known[space_id]
