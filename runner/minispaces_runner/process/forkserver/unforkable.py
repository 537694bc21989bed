"""The versions that a fork server could not bring up, and that are started plainly ever after."""

import json
from dataclasses import dataclass
from pathlib import Path

_MOST = 2000


@dataclass(frozen=True, slots=True)
class Unforkable:
    """By the artifact's reference, newest last."""

    path: Path

    def holds(self, reference: str) -> bool:
        return reference in self._read()

    def add(self, reference: str) -> None:
        known = [*(each for each in self._read() if each != reference), reference][-_MOST:]
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(known))
        new.replace(self.path)

    def _read(self) -> list[str]:
        try:
            return list(json.loads(self.path.read_bytes()))
        except (OSError, ValueError):
            return []
