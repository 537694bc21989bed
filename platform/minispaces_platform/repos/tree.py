"""What a pushed tree may hold. git's own fsck lets much through (security F14); this walk refuses the rest in words.

`check_tree` is pure: it gets `git ls-tree -r -z -l --full-tree` as bytes and the targets of the symlinks.
"""

import posixpath
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

NAME_MAX = 255
PATH_MAX = 1024
DEPTH_MAX = 64
_WINDOWS = frozenset({"con", "prn", "aux", "nul"})


class TreeError(Exception):
    """`code` stays the same for scripts; the message is for people."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class TreeEntry:
    mode: str
    object: str
    size: int
    """Bytes; 0 for a gitlink."""
    path: bytes


def parse_tree(listing: bytes) -> Iterator[TreeEntry]:
    for line in listing.split(b"\0"):
        if line:
            head, path = line.split(b"\t", 1)
            mode, _kind, sha, size = head.decode().split()
            yield TreeEntry(mode, sha, int(size) if size != "-" else 0, path)


def check_tree(entries: list[TreeEntry], *, max_files: int, max_file_mb: int) -> list[str]:
    """Warnings. Raises TreeError for the first entry that may not land."""
    if len(entries) > max_files:
        raise TreeError("E_TREE_TOO_LARGE", f"the repository has more than {max_files:,} files")
    for entry in entries:
        path = check_path(entry.path)
        if entry.mode == "160000" or path == ".gitmodules":
            raise TreeError("E_SUBMODULE", f"{path}: submodules are not supported", hint="vendor the files instead")
        if entry.mode == "120000" and entry.size > PATH_MAX:
            raise TreeError("E_SYMLINK", f"{path}: the target of this symbolic link is too long")
        if entry.size > max_file_mb << 20:
            raise TreeError(
                "E_FILE_TOO_LARGE",
                f"{path} has {entry.size >> 20} MB; one file may have {max_file_mb} MB",
                hint="keep it outside of the repository, and let the app fetch it when it starts",
            )
    return _twins(entries)


def check_symlink(path: bytes, target: bytes) -> None:
    """A link may lead to another place in the tree, and nowhere else. Raises TreeError."""
    link, to = _shown(path), _shown(target)
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(link), to))
    if to.startswith("/") or inside.startswith(("../", ".git/")) or inside in {"..", ".git"}:
        raise TreeError("E_SYMLINK", f"symbolic link {link} -> {to} leads out of the repository")


def check_path(raw: bytes) -> str:
    """The path as text. Raises TreeError for one that not every system, or no person, could make sense of."""
    try:
        path = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise TreeError("E_PATH_NAME", f"the file name {_shown(raw)} is not UTF-8") from None
    parts = path.split("/")
    if len(raw) > PATH_MAX or len(parts) > DEPTH_MAX or any(len(part.encode()) > NAME_MAX for part in parts):
        raise TreeError("E_PATH_NAME", f"the path {_shown(raw[:80])}... is too long or too deep")
    if any(unicodedata.category(char) in {"Cc", "Cf"} and char not in "\u200d\ufe0f" for char in path):
        raise TreeError("E_PATH_NAME", f"the file name {_shown(raw)} holds control characters")
    for part in parts:
        if part.split(".")[0].lower() in _WINDOWS or part != part.rstrip(" "):
            raise TreeError("E_PATH_NAME", f"the file name {_shown(raw)} cannot exist on every system")
    return path


def _shown(raw: bytes) -> str:
    """Harmless in a terminal: everything but printable characters escaped."""
    text = raw.decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _twins(entries: list[TreeEntry]) -> list[str]:
    seen: dict[str, bytes] = {}
    warnings: list[str] = []
    for entry in entries:
        key = unicodedata.normalize("NFC", entry.path.decode()).casefold()
        if key in seen and len(warnings) < 5:  # noqa: PLR2004 - enough to understand
            warnings.append(f"{_shown(seen[key])} and {_shown(entry.path)} are one file on some systems")
        seen[key] = entry.path
    return warnings
