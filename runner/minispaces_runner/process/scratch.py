"""Where an app's own files lie: in a plain folder, or, of hardware that names a disk, in a file system of that size."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from minispaces_contract.messages import Hardware
from minispaces_runner.engine import EngineError
from minispaces_runner.process.folder import Folder
from minispaces_runner.storage.images import make_scratch
from minispaces_runner.storage.mounts import CommandError, mount, unmount
from minispaces_runner.words import disk_in_words

_log = structlog.get_logger()


def lay_out_home(folder: Folder, hardware: Hardware, *, images: bool) -> None:
    """Raises EngineError."""
    folder.home.mkdir(mode=0o755)
    if not images or not hardware.disk_mb:
        return
    try:
        make_scratch(folder.disk, size_mb=hardware.disk_mb)
        mount(folder.disk, folder.home)
    except CommandError as error:
        _log.error("disk_failed", folder=str(folder.path), reason=str(error))
        raise EngineError("The disk of this app could not be made; the runner's log says why.") from None
    with suppress(OSError):
        Path(folder.home, "lost+found").rmdir()


@contextmanager
def words_for_full(folder: Folder, hardware: Hardware) -> Iterator[None]:
    """Of the app's own disk and not of the machine's. Raises EngineError."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC or not folder.disk.exists():
            raise
        raise EngineError(
            f"The app's files do not fit on its disk: {disk_in_words(hardware)}. Choose larger hardware."
        ) from None


def give_up_home(folder: Folder) -> None:
    """Before the folder is removed. What still holds the file system takes it along."""
    if folder.disk.exists():
        with suppress(CommandError):
            unmount(folder.home)
