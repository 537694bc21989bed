"""A folder of a volume as a zip file, made while it is sent: nothing is held in memory or written to disk."""

import io
import os
import stat
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from minispaces_runner.storage.reading import NotThereError, names_in, open_regular, opened_folder

_CHUNK = 1 << 18
_EARLIEST = (1980, 1, 1, 0, 0, 0)


class _Outlet(io.RawIOBase):
    """Where the zip file goes: taken away as it comes."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # zipfile writes bytes only
        self._held.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self._held = b"".join(self._held), []
        return taken


def zip_folder(root: Path, parts: list[bytes]) -> Iterator[bytes]:
    """Files as they are when their turn comes; links, sockets and what went away are left out. Nothing is packed:
    models do not get smaller.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:
        for inner in _folders(root, parts):
            with opened_folder(root, [*parts, *inner]) as folder:
                for name in names_in(folder):
                    yield from _add(archive, outlet, folder, [*inner, name])
    yield outlet.take()


def _folders(root: Path, parts: list[bytes]) -> Iterator[list[bytes]]:
    """The folder itself and those below it, relative to it."""
    waiting: list[list[bytes]] = [[]]
    while waiting:
        inner = waiting.pop()
        try:
            with opened_folder(root, [*parts, *inner]) as folder, os.scandir(folder) as entries:
                names = sorted(os.fsencode(each.name) for each in entries if each.is_dir(follow_symlinks=False))
        except NotThereError:
            continue
        yield inner
        waiting += [[*inner, name] for name in reversed(names)]


def _add(archive: zipfile.ZipFile, outlet: _Outlet, folder: int, inner: list[bytes]) -> Iterator[bytes]:
    try:
        file = open_regular(inner[-1], folder)
    except NotThereError:
        return
    with os.fdopen(file, "rb") as source:
        seen = os.fstat(file)
        entry = zipfile.ZipInfo(name_in_zip(inner), _moment(seen.st_mtime))
        entry.external_attr = stat.S_IMODE(seen.st_mode) << 16
        with archive.open(entry, "w", force_zip64=True) as target:
            while chunk := source.read(_CHUNK):
                target.write(chunk)
                yield outlet.take()


def name_in_zip(inner: list[bytes]) -> str:
    """Zip knows text only; backslash and colon would be more than a name on Windows."""
    text = b"/".join(inner).decode(errors="replace")
    return text.replace("\\", "_").replace(":", "_")


def _moment(seconds: float) -> tuple[int, int, int, int, int, int]:
    return max(_EARLIEST, time.gmtime(seconds)[:6])
