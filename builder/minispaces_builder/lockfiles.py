"""Finished resolutions on disk, by a key of everything that went in."""

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_SHARED_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Lock:
    """`text` has one `name==version` a line. `builds_code`: something in it has no wheel, and its code runs to install.

    `options` are uv's, for indexes that the repository names.
    """

    text: str
    as_of: str | None = None
    notes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    builds_code: bool = False

    @property
    def count(self) -> int:
        return sum(1 for line in self.text.splitlines() if line and not line.startswith(("#", " ")))


def key_of(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:24]


class LockFiles:
    """A Space keeps its locks for ever, so that the same requirements give the same packages.

    Other Spaces use a lock while it is younger than a day or pinned to a date. A lock that ran code is never shared.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, key: str, space_id: str) -> Lock | None:
        own = _load(self._folder / space_id / f"{key}.json")
        if own:
            return own
        path = self._folder / "shared" / f"{key}.json"
        shared = _load(path)
        if shared and (shared.as_of or time.time() - path.stat().st_mtime < _SHARED_SECONDS):
            _save(self._folder / space_id / f"{key}.json", shared)
            return shared
        return None

    def keep(self, key: str, space_id: str, lock: Lock) -> None:
        for owner in (space_id,) if lock.builds_code else (space_id, "shared"):
            _save(self._folder / owner / f"{key}.json", lock)


def _load(path: Path) -> Lock | None:
    with suppress(OSError, ValueError, TypeError):
        raw = json.loads(path.read_text())
        return Lock(**{**raw, "notes": tuple(raw["notes"]), "options": tuple(raw["options"])})
    return None


def _save(path: Path, lock: Lock) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(lock)))
    draft.replace(path)
