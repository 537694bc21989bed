"""Reading an app's flagged samples where Gradio keeps them. The app may have put anything there instead."""

import os
import re
import stat
from contextlib import suppress
from itertools import islice
from pathlib import Path

FOLDERS = (".gradio/flagged", "flagged")
"""Below the app's working directory: Gradio 5 and later, and before."""
MOST_FILES = 5
MOST_BYTES = 1 << 20
_MOST_ENTRIES = 10_000
NAME = re.compile(r"(dataset\d{0,6}|log)\.csv")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def flagged_files(app: Path) -> list[bytes]:
    """Their contents, cut; no link is followed on the way, and only ordinary files are read."""
    found: list[bytes] = []
    for folder in FOLDERS:
        with suppress(OSError):
            found += _files_in(app, folder.split("/"))
    return found[:MOST_FILES]


def _files_in(app: Path, below: list[str]) -> list[bytes]:
    handles = [os.open(app, _FOLDER)]
    try:
        for name in below:
            handles.append(os.open(name, _FOLDER, dir_fd=handles[-1]))
        with os.scandir(handles[-1]) as entries:
            names = sorted(entry.name for entry in islice(entries, _MOST_ENTRIES) if NAME.fullmatch(entry.name))
        return [content for name in names[:MOST_FILES] if (content := _content(name, handles[-1])) is not None]
    finally:
        for handle in handles:
            os.close(handle)


def _content(name: str, folder: int) -> bytes | None:
    try:
        handle = os.open(name, _FILE, dir_fd=folder)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        return file.read(MOST_BYTES) if stat.S_ISREG(os.fstat(handle).st_mode) else None
