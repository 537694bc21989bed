"""Looking into a volume while its app may be changing it: no link is ever followed, nor anything but files read.

Paths come quoted, as bytes that need not be UTF-8, and are walked folder by folder from the volume's own.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from minispaces_contract.storage import Entry, EntryKind

MOST_ENTRIES = 2000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class NotThereError(Exception):
    """There is no such folder or file, or it is something that is not shown."""


def parts_of(quoted: str) -> list[bytes]:
    """Raises NotThereError for what leads out."""
    parts = [part for part in unquote_to_bytes(quoted).split(b"/") if part]
    if any(part in {b".", b".."} or b"\0" in part for part in parts):
        raise NotThereError
    return parts


@contextmanager
def opened_folder(root: Path, parts: list[bytes]) -> Iterator[int]:
    """A descriptor of the folder. Raises NotThereError."""
    here = os.open(root, _FOLDER)
    try:
        for part in parts:
            above, here = here, _open(part, _FOLDER, here)
            os.close(above)
        yield here
    finally:
        os.close(here)


def open_file(root: Path, parts: list[bytes]) -> int:
    """A descriptor of a regular file, which the caller closes. Raises NotThereError."""
    if not parts:
        raise NotThereError
    with opened_folder(root, parts[:-1]) as folder:
        return open_regular(parts[-1], folder)


def open_regular(name: bytes, folder: int) -> int:
    """Not by its kind of a moment ago: what was opened is looked at. Raises NotThereError."""
    file = _open(name, _FILE, folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise NotThereError
    return file


def list_folder(root: Path, parts: list[bytes]) -> tuple[list[Entry], int]:
    """Folders first, by name; and how many there are, which may be more than are told."""
    with opened_folder(root, parts) as folder:
        names = names_in(folder)
        found = [entry for name in names[: MOST_ENTRIES * 2] if (entry := _entry(name, folder))]
    found.sort(key=lambda entry: entry.kind is not EntryKind.FOLDER)
    return found[:MOST_ENTRIES], len(names)


def names_in(folder: int) -> list[bytes]:
    return sorted(os.fsencode(name) for name in os.listdir(folder))


def _entry(name: bytes, folder: int) -> Entry | None:
    """None for what went away meanwhile."""
    try:
        seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return Entry(name=quote_from_bytes(name), kind=_kind(seen.st_mode), size=seen.st_size, changed=seen.st_mtime)


def _kind(mode: int) -> EntryKind:
    if stat.S_ISDIR(mode):
        return EntryKind.FOLDER
    if stat.S_ISLNK(mode):
        return EntryKind.LINK
    return EntryKind.FILE if stat.S_ISREG(mode) else EntryKind.OTHER


def _open(name: bytes, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError:
        raise NotThereError from None
