"""Every Space's storage on this machine. Truth lies in its folders and in the kernel's table of mounts.

`ROOT/ID/mount/files` is what an app sees at /data. With `disk.img` beside it, `mount` is where that image of a fixed
size is mounted; without, a plain folder, whose size nobody keeps. How one was made once it stays.
"""

import os
import shutil
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import structlog

from minispaces_contract.messages import Storage
from minispaces_contract.usage import StorageUsage
from minispaces_runner.engine import EngineError
from minispaces_runner.installation import checked_id
from minispaces_runner.process.folder import open_and_retry
from minispaces_runner.process.measure import folder_bytes
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.storage.images import grow, make_image
from minispaces_runner.storage.mounts import CommandError, device_at, mount, unmount

_log = structlog.get_logger()
_GOING = ".going-"
_FAILED = "The storage of this Space could not be opened; the runner's log says why. Its data were left alone."


@dataclass(frozen=True, slots=True)
class Volume:
    path: Path

    @property
    def place(self) -> Path:
        """Where the image is mounted."""
        return self.path / "mount"

    @property
    def files(self) -> Path:
        """Below, because the top of a file system is not its users' alone: repairs put things there."""
        return self.place / "files"

    @property
    def image(self) -> Path:
        return self.path / "disk.img"

    @property
    def size(self) -> Path:
        """What the file system has, in MiB: kernels do not let every one of them grow while it is in use."""
        return self.path / "size"

    def note_size(self, size_mb: int) -> None:
        new = self.path / "size.new"
        new.write_text(str(size_mb))
        new.replace(self.size)


@dataclass(frozen=True, slots=True)
class Volumes:
    """`images` is whether new ones get a size that the kernel keeps."""

    root: Path
    images: bool
    _locks: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    @classmethod
    def open(cls, settings: RunnerSettings) -> Self:
        """See what this machine allows, and finish removals that were cut off."""
        root = settings.storage_folder
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        volumes = cls(root, settings.storage == "image" or (settings.storage == "auto" and can_mount(root)))
        for left in root.glob(f"{_GOING}*"):
            volumes._erase(Volume(left))
        return volumes

    @property
    def words(self) -> str:
        return "storage limited by image files" if self.images else "the size of storage is counted, not limited"

    def ensure(self, storage: Storage, *, owner: int | None) -> Path:
        """What to show at /data, there and large enough, and `owner`'s. Raises EngineError."""
        assert storage.id is not None  # noqa: S101 - others are the engine's own
        with self._of(storage.id) as volume:
            self._make(volume, storage.size_mb)
            self._fit(volume, storage.size_mb)
            if owner is not None and volume.files.stat().st_uid != owner:
                give_to(volume.files, owner)
            return volume.files

    def fit(self, storage: Storage) -> None:
        """Grow what is there and too small. Raises EngineError."""
        if storage.id and (self.root / storage.id).is_dir():
            with self._of(storage.id) as volume:
                self._fit(volume, storage.size_mb)

    def find(self, name: str) -> Path | None:
        """Its files, for reading; None where there is none. Raises EngineError."""
        with self._of(name) as volume:
            if not volume.path.is_dir():
                return None
            self._open(volume)
            return volume.files

    def remove(self, name: str) -> None:
        """The data are gone afterwards; an app that has it open writes into nothing. Raises EngineError."""
        with self._of(name) as volume:
            if volume.path.is_dir():
                unmount(volume.place)
                going = Volume(volume.path.rename(self.root / f"{_GOING}{name}"))
                self._erase(going)

    def close(self) -> None:
        """Unmount everything; the data stay."""
        for volume in self._all():
            with suppress(CommandError):
                unmount(volume.place)

    def usage(self) -> list[StorageUsage]:
        return [self._usage(volume) for volume in self._all() if volume.size.exists()]

    def _usage(self, volume: Volume) -> StorageUsage:
        if device_at(volume.place):
            seen = os.statvfs(volume.files)
            used, size = (seen.f_blocks - seen.f_bfree) * seen.f_frsize, seen.f_blocks * seen.f_frsize
            return StorageUsage(id=volume.path.name, used=used, size=size)
        limited = volume.image.exists()
        used = volume.image.stat().st_blocks * 512 if limited else folder_bytes(volume.files)
        return StorageUsage(id=volume.path.name, used=used, size=volume.image.stat().st_size if limited else 0)

    def _make(self, volume: Volume, size_mb: int) -> None:
        """The size is written last, so that a making that was cut off is taken up again."""
        if volume.size.exists():
            self._open(volume)
            return
        volume.place.mkdir(parents=True, exist_ok=True)
        volume.path.chmod(0o700)
        if self.images and not volume.image.exists():
            make_image(volume.image, size_mb=size_mb)
        self._open(volume)
        volume.files.mkdir(exist_ok=True)
        volume.files.chmod(0o777)  # images of Docker run as whom they like; the folder above is ours alone
        volume.note_size(size_mb)

    def _open(self, volume: Volume) -> None:
        if volume.image.exists() and not device_at(volume.place):
            mount(volume.image, volume.place)

    def _fit(self, volume: Volume, size_mb: int) -> None:
        if not volume.image.exists() or int(volume.size.read_text()) >= size_mb:
            return
        self._open(volume)
        if grow(volume.image, volume.place, size_mb=size_mb):
            volume.note_size(size_mb)

    def _erase(self, volume: Volume) -> None:
        shutil.rmtree(volume.path, onerror=open_and_retry)

    def _all(self) -> list[Volume]:
        return [Volume(path) for path in self.root.iterdir() if path.is_dir() and not path.name.startswith(".")]

    @contextmanager
    def _of(self, name: str) -> Iterator[Volume]:
        volume = Volume(self.root / checked_id(name))
        try:
            with self._locks[name]:
                yield volume
        except (CommandError, OSError) as error:
            _log.error("storage_failed", storage=name, reason=str(error))
            raise EngineError(_FAILED) from None


def can_mount(root: Path) -> bool:
    """Tried once, on a small image."""
    probe = Volume(root / f"{_GOING}probe")
    if os.geteuid():
        return False
    try:
        probe.place.mkdir(parents=True, exist_ok=True)
        make_image(probe.image, size_mb=4)
        mount(probe.image, probe.place)
        unmount(probe.place)
    except (CommandError, OSError) as error:
        _log.info("no_storage_images", reason=str(error))
        return False
    finally:
        shutil.rmtree(probe.path, ignore_errors=True)
    return True


def give_to(folder: Path, owner: int) -> None:
    """After a change of engine the files belong to another number. Links are given, never followed."""
    for _path, folders, files, here in os.fwalk(folder, follow_symlinks=False):
        os.chown(here, owner, owner)
        for name in (*folders, *files):
            os.chown(name, owner, owner, dir_fd=here, follow_symlinks=False)
