"""What changed between two commits: git's unified diff as values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from minispaces_platform.repos.reading import Repository, ask

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
DIFF_MAX = 600_000
FILES_MAX = 200
LINE_MAX = 1000
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)")
Tone = Literal["added", "removed", "same", "hunk"]


@dataclass(frozen=True, slots=True)
class Line:
    tone: Tone
    text: str
    old: int | None = None
    new: int | None = None


@dataclass(slots=True)
class FileDiff:
    path: str
    old_path: str = ""
    """Where it was before it was renamed."""
    what: Literal["added", "removed", "renamed", "changed"] = "changed"
    is_binary: bool = False
    added: int = 0
    removed: int = 0
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Diff:
    files: tuple[FileDiff, ...]
    is_cut: bool = False

    @property
    def added(self) -> int:
        return sum(file.added for file in self.files)

    @property
    def removed(self) -> int:
        return sum(file.removed for file in self.files)


def compare(repository: Repository, old: str, new: str) -> Diff:
    """Between two commits; `EMPTY_TREE` stands for before the first."""
    options = ("-p", "-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short")
    answer = ask(repository, "diff-tree", *options, "--end-of-options", old, new, most=DIFF_MAX)
    files = list(parse_diff(answer.text))
    return Diff(tuple(files[:FILES_MAX]), is_cut=answer.is_cut or len(files) > FILES_MAX)


def parse_diff(text: str) -> Iterator[FileDiff]:
    """One per file. Pure."""
    for piece in re.split(r"^diff --git ", text, flags=re.MULTILINE)[1:]:
        header, *lines = piece.split("\n")
        yield _file(header, lines)


def _file(header: str, lines: list[str]) -> FileDiff:
    # Both names are equal, unless lines of their own say that it was renamed.
    file = FileDiff(_unquoted(header[: len(header) // 2], "a/"))
    old = new = 0
    for line in lines:
        if hunk := _HUNK.match(line):
            old, new = int(hunk[1]), int(hunk[2])
            file.lines.append(Line("hunk", hunk[3][:LINE_MAX]))
        elif not old and not new and not file.lines:
            _note(file, line)
        elif line[:1] == "+":
            file.lines.append(Line("added", line[1 : LINE_MAX + 1], new=new))
            file.added, new = file.added + 1, new + 1
        elif line[:1] == "-":
            file.lines.append(Line("removed", line[1 : LINE_MAX + 1], old=old))
            file.removed, old = file.removed + 1, old + 1
        elif line[:1] == " ":
            file.lines.append(Line("same", line[1 : LINE_MAX + 1], old, new))
            old, new = old + 1, new + 1
    return file


def _note(file: FileDiff, line: str) -> None:
    """A line of the extended header."""
    if line.startswith("new file"):
        file.what = "added"
    elif line.startswith("deleted file"):
        file.what = "removed"
    elif line.startswith("rename from "):
        file.what, file.old_path = "renamed", _unquoted(line.removeprefix("rename from "))
    elif line.startswith("rename to "):
        file.path = _unquoted(line.removeprefix("rename to "))
    elif line.startswith(("Binary files ", "GIT binary patch")):
        file.is_binary = True


def _unquoted(name: str, prefix: str = "") -> str:
    """Git quotes names with quotation marks and backslashes in C's way; control characters never land."""
    if name.startswith('"') and name.endswith('"'):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name.removeprefix(prefix)
