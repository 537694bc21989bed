"""A file system of its own for an installation, small enough to be filled."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MEGA = 1 << 20


@dataclass(frozen=True)
class SmallDisk:
    mount: Path

    @property
    def _ballast(self) -> Path:
        return self.mount / "ballast"

    def fill(self, *, left_mb: int = 0) -> None:
        """With one file, but for so much."""
        self._ballast.mkdir(exist_ok=True)
        free = os.statvfs(self.mount)
        with (self._ballast / "data").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_frsize - left_mb * MEGA - MEGA))
        while left_mb == 0 and self._grow():
            pass

    def _grow(self) -> bool:
        """Whatever is freed while it fills goes as well."""
        try:
            with (self._ballast / "rest").open("ab", buffering=0) as file:
                file.write(b"x" * 4096)
        except OSError:
            return False
        return True

    def fill_with_files(self) -> None:
        self._ballast.mkdir(exist_ok=True)
        with suppress(OSError):
            for number in range(1_000_000):
                (self._ballast / str(number)).touch()

    def free(self) -> None:
        for path in self._ballast.iterdir():
            path.unlink()


@contextmanager
def small_disk(folder: Path, *, size_mb: int, files: int) -> Iterator[SmallDisk]:
    image, mount = folder / "disk.img", folder / "m"
    mount.mkdir()
    with image.open("wb") as file:
        file.truncate(size_mb * MEGA)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-N", str(files), image], check=True)
    subprocess.run(["mount", "-o", "loop", image, mount], check=True)
    try:
        yield SmallDisk(mount)
    finally:
        subprocess.run(["umount", "--lazy", mount], check=True)
