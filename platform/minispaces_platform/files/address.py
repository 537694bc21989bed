"""Where a file is: `REVISION/PATH` in addresses, where a branch may have slashes too. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from minispaces_platform.errors import NotFoundError

_COMMIT = re.compile(r"[0-9a-f]{7,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """`revision` as the address has it, `commit` what it means now. `branch` is empty for tags and commits."""

    revision: str
    commit: str
    path: str
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Refs:
    """Names and commits, newest first."""

    branches: dict[str, str]
    tags: dict[str, str]


def split(rest: str, refs: Refs) -> tuple[str, str]:
    """Revision and path: the longest name of a branch or tag that `rest` begins with, else its first segment."""
    names = [name for name in (*refs.branches, *refs.tags) if f"{rest}/".startswith(f"{name}/")]
    revision = max(names, key=len, default=rest.partition("/")[0])
    return revision, rest[len(revision) :].strip("/")


def commit_of(revision: str, refs: Refs) -> str:
    """A full name for branches and tags; commits may be abbreviated. Raises NotFoundError."""
    known = refs.branches.get(revision) or refs.tags.get(revision)
    if known or _COMMIT.fullmatch(revision):
        return known or revision
    raise NotFoundError(f"There is no revision {revision[:80]!r}.", hint="It may have been deleted or renamed.")


def is_sane(path: str) -> bool:
    """Whether it could be a path of a tree at all; git reads some others in its own way."""
    return not path or (len(path) < 4096 and not {"", ".", ".."} & set(path.split("/")) and path.isprintable())  # noqa: PLR2004


def address(space_path: str, verb: str, revision: str, path: str = "") -> str:
    """As in `/spaces/ada/hello/blob/main/app.py`."""
    where = f"{revision}/{path}" if path else revision
    return f"{space_path}/{verb}/{quote(where)}"


def crumbs(path: str) -> list[tuple[str, str]]:
    """Each part of `path` with the path to it."""
    parts = path.split("/") if path else []
    return [(part, "/".join(parts[: position + 1])) for position, part in enumerate(parts)]
