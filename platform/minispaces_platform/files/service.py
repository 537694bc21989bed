"""What somebody typed or chose in the browser, as changes of a tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from minispaces_platform.errors import InvalidError
from minispaces_platform.files.address import Place
from minispaces_platform.files.visit import Visit
from minispaces_platform.repos.changes import Change, Move, Put, Remove
from minispaces_platform.repos.commits import Committed, commit

UPLOADS_MAX = 1000
"""Files at once."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent. `seen` is the commit that the person had before them."""

    path: str = ""
    content: str = ""
    message: str = ""
    seen: str = ""


def save_text(visit: Visit, place: Place, typed: Typed, *, before: bytes) -> Committed:
    """A file that is there, under its name or a new one. Line ends stay what they were."""
    content = with_line_ends(typed.content, like=before)
    changes: list[Change] = [Put(typed.path, content)]
    if typed.path != place.path:
        changes = [Move(place.path, typed.path), *(changes if content != before else [])]
    return _commit(visit, place, changes, typed, otherwise=f"Change {typed.path}")


def write_file(visit: Visit, place: Place, typed: Typed) -> Committed:
    if not typed.path.strip("/"):
        raise InvalidError("The file needs a name.", hint="Like app.py, or folder/app.py.")
    put = Put(typed.path, with_line_ends(typed.content, like=b""), fresh=True)
    return _commit(visit, place, [put], typed, otherwise=f"Add {typed.path}")


def upload(visit: Visit, place: Place, files: Sequence[tuple[str, BinaryIO]], typed: Typed) -> Committed:
    """Into the folder `place`; what is there already is replaced."""
    if not files:
        raise InvalidError("No file was chosen.", hint="Choose files, or drop them on the page.")
    folder = f"{place.path}/" if place.path else ""
    puts = [Put(folder + name.lstrip("/"), file) for name, file in files]
    what = puts[0].path if len(puts) == 1 else f"{len(puts)} files"
    return _commit(visit, place, puts, typed, otherwise=f"Upload {what}")


def remove(visit: Visit, place: Place, typed: Typed) -> Committed:
    return _commit(visit, place, [Remove(place.path)], typed, otherwise=f"Delete {place.path}")


def _commit(visit: Visit, place: Place, changes: Sequence[Change], typed: Typed, *, otherwise: str) -> Committed:
    return commit(
        visit.parts, visit.space, visit.actor, changes,
        message=typed.message.strip() or otherwise, parent=typed.seen or None, branch=place.branch,
    )  # fmt: skip


def with_line_ends(typed: str, *, like: bytes) -> bytes:
    """Browsers send CRLF, whatever was there before."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n")
    return (text.replace("\n", "\r\n") if b"\r\n" in like else text).encode()
