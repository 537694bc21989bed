"""Zip archives that people upload: hostile until shown otherwise, and unpacked by count, never by what they claim."""

import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from minispaces_platform.errors import InvalidError
from minispaces_platform.repos.changes import Put, check_repository_path
from minispaces_platform.settings import PlatformSettings

MOST_FILES = 10_000
MOST_RATIO = 200
"""How many times larger than itself an archive may become, above `_FREE_BYTES`: text gets ten times smaller at best."""
_FREE_BYTES = 32 << 20
_DIRECTORY_MAX = 16 << 20
_END, _END_BYTES = b"PK\x05\x06", 22
_ZIP64 = b"PK\x06\x07"
_ENCRYPTED = 1
_CHUNK = 1 << 16
_LITTER = ("__MACOSX/", ".git/")


@dataclass(slots=True)
class Allowance:
    """What may still be unpacked."""

    total: int
    each: int

    def spend(self, count: int, *, of_file: int) -> None:
        self.total -= count
        if self.total < 0:
            raise InvalidError(
                "This archive unpacks to far more than it should.", hint="Send it in parts, or push it with git."
            )
        if of_file > self.each:
            raise InvalidError(
                f"A file in this archive has more than {self.each >> 20:,} MB.",
                hint="Files so large go through git LFS.",
            )


def files_of_zip(file: IO[bytes], *, folder: Path, settings: PlatformSettings) -> list[Put]:
    """What the archive holds, unpacked below `folder`. Raises InvalidError in words for people."""
    size = _check_end(file)
    allowance = Allowance(
        total=min(settings.max_push_mb << 20, size * MOST_RATIO + _FREE_BYTES), each=settings.max_file_mb << 20
    )
    try:
        with zipfile.ZipFile(file) as archive:
            entries = list(_wanted(archive))
            return [_unpacked(archive, entry, folder / str(n), allowance) for n, entry in enumerate(entries)]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, UnicodeDecodeError, ValueError) as error:
        raise InvalidError("This zip archive cannot be read.", hint="Make it anew, or upload the files.") from error


def without_top_folder(puts: list[Put]) -> list[Put]:
    """`demo-main/app.py` as `app.py`, where everything is in one folder."""
    tops = {put.path.split("/", 1)[0] for put in puts}
    if len(tops) != 1 or not all("/" in put.path for put in puts):
        return puts
    return [Put(put.path.split("/", 1)[1], put.content, executable=put.executable) for put in puts]


def is_litter(path: str) -> bool:
    """What systems leave in folders, and git's own."""
    return path.startswith(_LITTER) or "/.git/" in path or path.rsplit("/", 1)[-1] in {".DS_Store", "Thumbs.db"}


def _check_end(file: IO[bytes]) -> int:
    """The archive's size. Its table of contents is read into memory: refused before that when it is too large."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES - (1 << 16)))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise InvalidError(
            "This is no zip archive.", hint="Choose a file that ends with .zip, or the files themselves."
        )
    if _ZIP64 in tail or int.from_bytes(tail[at + 12 : at + 16], "little") > _DIRECTORY_MAX:
        raise InvalidError("This archive has too many files.", hint="Push it with git.")
    return size


def _wanted(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    if len(archive.infolist()) > MOST_FILES:
        raise InvalidError(f"More than {MOST_FILES:,} files in one archive.", hint="Push it with git.")
    seen: set[str] = set()
    for entry in archive.infolist():
        if entry.is_dir() or is_litter(entry.filename):
            continue
        _check_entry(entry)
        if entry.filename.lower() in seen:
            raise InvalidError(f"{entry.filename[:80]} is in this archive twice.", hint="Make the archive anew.")
        seen.add(entry.filename.lower())
        yield entry


def _check_entry(entry: zipfile.ZipInfo) -> None:
    check_repository_path(entry.filename)
    if entry.flag_bits & _ENCRYPTED:
        raise InvalidError("This archive has a password.", hint="Make one without.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        raise InvalidError(f"{entry.filename[:80]} is a link or no file.", hint="Replace it by the file itself.")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, allowance: Allowance) -> Put:
    executable = bool(entry.external_attr >> 16 & stat.S_IXUSR)
    with archive.open(entry) as packed:
        return Put(entry.filename, _keep(packed, path, allowance), executable=executable)


def _keep(source: IO[bytes], path: Path, allowance: Allowance) -> Path:
    taken = 0
    with path.open("wb") as target:
        while chunk := source.read(_CHUNK):
            taken += len(chunk)
            allowance.spend(len(chunk), of_file=taken)
            target.write(chunk)
    return path
