"""Image files: a file system of a fixed size, which takes only as much of the disk as is in it."""

from contextlib import suppress
from pathlib import Path

import structlog

from minispaces_runner.storage.mounts import CommandError, device_at, is_freed, mount, run, unmount

_log = structlog.get_logger()
_MIB = 1 << 20
_REPAIRED = 1


def make_image(image: Path, *, size_mb: int) -> None:
    """Raises CommandError, OSError."""
    new = image.with_suffix(".new")
    _stretch(new, size_mb)
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-b", "4096", "-E", "lazy_itable_init=1,root_owner=0:0", str(new))
    new.replace(image)


def make_scratch(image: Path, *, size_mb: int) -> None:
    """For files that go with their app: quick to make, and not to be repaired. Raises CommandError, OSError."""
    _stretch(image, size_mb)
    features = ("-O", "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,nodiscard,root_owner=0:0")
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-b", "4096", *features, str(image))


def grow(image: Path, place: Path, *, size_mb: int) -> bool:
    """Whether the file system has the new size now. Kernels that refuse it in use get it when nobody uses it."""
    _stretch(image, size_mb)
    with suppress(CommandError):
        if device := device_at(place):
            run("losetup", "-c", device)
            run("resize2fs", device)
            return True
    return _grow_unused(image, place)


def _grow_unused(image: Path, place: Path) -> bool:
    try:
        unmount(place)
        if not is_freed(image):
            return False
        run("e2fsck", "-f", "-p", str(image), fine=_REPAIRED)
        run("resize2fs", str(image))
    except CommandError as error:
        _log.warning("storage_did_not_grow", reason=str(error))
        return False
    else:
        return True
    finally:
        if not device_at(place):
            mount(image, place)


def _stretch(file: Path, size_mb: int) -> None:
    with file.open("ab") as opened:
        opened.truncate(max(opened.tell(), size_mb * _MIB))
