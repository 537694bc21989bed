"""What the process engine keeps on disk per instance: enough to find everything again, and to remove it."""

import json
import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from minispaces_runner.process.identity import ProcessIdentity


class Started(BaseModel):
    """A started instance. Written last, so a folder without it is a start that was cut off."""

    model_config = ConfigDict(frozen=True)

    deployment_id: str
    space_id: str
    ip: str
    port: int
    started_at: float
    boot_id: str
    sandbox: ProcessIdentity
    """The process outside, which waits for the app and writes down its exit code."""
    init: ProcessIdentity
    """Process 1 of the app's own namespace: when it dies, the kernel kills all others in there."""
    relay: ProcessIdentity | None = None
    interface: str | None = None
    forked: bool = False
    """Whether it came from a fork server."""

    @property
    def processes(self) -> tuple[ProcessIdentity, ...]:
        """Those of which none may end while the app runs."""
        return (self.sandbox, self.init, *([self.relay] if self.relay else []))


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths of one instance."""

    path: Path

    @property
    def home(self) -> Path:
        return self.path / "home"

    @property
    def disk(self) -> Path:
        """The image that is mounted as `home`, where hardware limits it."""
        return self.path / "disk.img"

    @property
    def app(self) -> Path:
        return self.home / "app"

    @property
    def etc(self) -> Path:
        return self.path / "etc"

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def resume(self) -> Path:
        return self.path / "log.resume"

    @property
    def status(self) -> Path:
        """Where the sandbox reports its child's pid and, at the end, the exit code."""
        return self.path / "status"

    @property
    def relay(self) -> Path:
        return self.path / "relay.cfg"

    @property
    def state(self) -> Path:
        return self.path / "state.json"

    def read_state(self) -> Started | None:
        try:
            return Started.model_validate_json(self.state.read_bytes())
        except (OSError, ValidationError):
            return None

    def write_state(self, started: Started) -> None:
        new = self.path / "state.new"
        new.write_text(started.model_dump_json())
        new.replace(self.state)

    def reported(self) -> dict[str, Any]:
        """What the sandbox has written so far: `child-pid` at once, `exit-code` at the end."""
        try:
            lines = self.status.read_text().splitlines()
        except OSError:
            return {}
        merged: dict[str, Any] = {}
        for line in lines:
            with suppress(ValueError):
                merged |= json.loads(line)
        return merged

    def remove(self) -> None:
        """The state first, so that a removal that is cut off is taken up again as a start that was cut off."""
        self.state.unlink(missing_ok=True)
        shutil.rmtree(self.path, onerror=open_and_retry)


@dataclass(frozen=True, slots=True)
class KeptLog:
    """An instance's output while its folder is made anew: whoever reads it reads on."""

    place: Path
    """Two files beside the folder, with names of their own."""

    @classmethod
    def of(cls, folder: Folder) -> Self:
        kept = cls(folder.path)
        for file, aside in kept._pairs(folder):
            if file.exists():
                file.replace(aside)
        return kept

    def give_to(self, folder: Folder) -> None:
        for file, aside in self._pairs(folder):
            if aside.exists():
                aside.replace(file)

    def _pairs(self, folder: Folder) -> list[tuple[Path, Path]]:
        return [(file, self.place.with_name(f"{self.place.name}.{file.name}")) for file in (folder.log, folder.resume)]


def folders(root: Path) -> list[Folder]:
    if not root.is_dir():
        return []
    return [Folder(Path(entry.path)) for entry in os.scandir(root) if entry.is_dir(follow_symlinks=False)]


def open_and_retry(function: Callable[[str], object], path: str, error: Any) -> None:
    """An app may have locked its own folders; without root that stops a removal."""
    if isinstance(error[1], FileNotFoundError):
        return
    for each in (Path(path).parent, Path(path)):
        with suppress(OSError):
            if not each.is_symlink():
                each.chmod(stat.S_IRWXU)
    if function in {os.open, os.scandir, os.lstat}:
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            function(path)
