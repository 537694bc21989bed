"""What somebody wants to change in a tree, as values. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from typing import IO

from minispaces_platform.errors import ConflictError, InvalidError, NotFoundError
from minispaces_platform.repos.tree import TreeError, check_path

Content = bytes | Path | IO[bytes]


@dataclass(frozen=True, slots=True)
class Put:
    """A file with this content, there or not. `content` is bytes, a regular file or what was uploaded as one; `fresh`
    refuses to replace.
    """

    path: str
    content: Content
    fresh: bool = False
    executable: bool = False

    @property
    def size(self) -> int:
        match self.content:
            case bytes():
                return len(self.content)
            case Path():
                return self.content.stat().st_size
            case _:
                return self.content.seek(0, SEEK_END)


@dataclass(frozen=True, slots=True)
class Remove:
    """A file, or a folder with everything in it."""

    path: str


@dataclass(frozen=True, slots=True)
class Move:
    path: str
    to: str


Change = Put | Remove | Move


def check_changes(changes: Sequence[Change], *, max_mb: int) -> None:
    """Raises InvalidError for a path that no file may have, and for more than one commit may bring."""
    for path in paths_of(changes):
        check_repository_path(path)
    if sum(change.size for change in changes if isinstance(change, Put)) > max_mb << 20:
        raise InvalidError(f"That is more than {max_mb:,} MB.", hint="Upload it in parts, or push it with git.")


def check_repository_path(path: str) -> str:
    """Raises InvalidError for what cannot be a path in a repository."""
    try:
        check_path(path.encode())
    except (TreeError, UnicodeEncodeError) as error:
        raise InvalidError(f"No file can be called so: {error}.", hint="Choose another name.") from None
    if any(part in {"", ".", ".."} or part.lower() == ".git" for part in path.split("/")) or "\\" in path:
        raise InvalidError(
            f"{path[:80]!r} is no path in a repository.", hint="Like folder/file.py: no '..', no '.git', no '\\'."
        )
    return path


def paths_of(changes: Sequence[Change]) -> Iterator[str]:
    """Every path that is touched."""
    for change in changes:
        yield change.path
        if isinstance(change, Move):
            yield change.to


def changed(tree: dict[str, str], changes: Sequence[Change], blobs: Iterator[str]) -> dict[str, str]:
    """`tree` (mode and blob by path) after `changes`, in their order; `blobs` are those of what is put."""
    after = dict(tree)
    for change in changes:
        match change:
            case Put():
                after[change.path] = f"{_mode(change, after)} {next(blobs)}"
            case Remove():
                for path in _below(after, change.path):
                    del after[path]
            case Move():
                _refuse_taken(after, change.to)
                for path in _below(after, change.path):
                    after[change.to + path.removeprefix(change.path)] = after.pop(path)
    _refuse_files_as_folders(after)
    return after


def _refuse_files_as_folders(tree: dict[str, str]) -> None:
    """Git would silently drop the file."""
    folders = {path[:position] for path in tree for position, char in enumerate(path) if char == "/"}
    if both := folders & tree.keys():
        raise ConflictError(
            f"{min(both)} cannot be both a file and a folder.", hint="Choose another name, or remove one of them first."
        )


def _mode(put: Put, tree: dict[str, str]) -> str:
    """What was executable stays so."""
    if put.fresh:
        _refuse_taken(tree, put.path)
    return "100755" if put.executable or tree.get(put.path, "").startswith("100755") else "100644"


def _below(tree: dict[str, str], path: str) -> list[str]:
    found = [path] if path in tree else [each for each in tree if each.startswith(f"{path}/")]
    if not found:
        raise NotFoundError(f"There is no file {path}.", hint="Somebody may have removed it.")
    return found


def _refuse_taken(tree: dict[str, str], path: str) -> None:
    if path in tree or any(each.startswith(f"{path}/") for each in tree):
        raise ConflictError(f"{path} exists already.", hint="Choose another name, or edit that file.")
