"""Which commit changed each entry of a folder last: one walk through history, ended as soon as all are found."""

import time
from collections.abc import Iterable, Iterator
from typing import IO

from minispaces_platform.files.address import Place
from minispaces_platform.files.queries import Commit, parse_commits
from minispaces_platform.repos.reading import Repository, running

WALK_SECONDS = 1.5
"""What is not found by then is shown without a commit: a page must not wait for a long history."""
_FORMAT = "%x02%H%x00%P%x00%an%x00%at%x00%s%x00"
_MARK = "\2"
"""No path of ours begins with it."""


def last_commits(repository: Repository, place: Place, names: Iterable[str]) -> dict[str, Commit]:
    """By name. Along the first parents: a merge counts as the change that it brought."""
    wanted, found = set(names), dict[str, Commit]()
    where = ("--", place.path) if place.path else ()
    options = ("--first-parent", "--diff-merges=first-parent", "--no-renames", "--name-only", "-z")
    ends = time.monotonic() + WALK_SECONDS
    with running(repository, "log", *options, f"--format={_FORMAT}", place.commit, *where) as (_, stdout):
        for commit, paths in _walk(_tokens(stdout)):
            for name in {_below(path, place.path) for path in paths} & wanted:
                wanted.discard(name)
                found[name] = commit
            if not wanted or time.monotonic() > ends:
                break
    return found


def _below(path: str, folder: str) -> str:
    """The entry of `folder` that `path` is in."""
    return path.removeprefix(f"{folder}/" if folder else "").partition("/")[0]


def _walk(tokens: Iterator[str]) -> Iterator[tuple[Commit, Iterator[str]]]:
    """Each commit with the paths it changed, as they come."""
    token = next(tokens, "")
    while token.startswith(_MARK):
        fields = [token[1:], *(next(tokens, "") for _ in range(4)), ""]
        commit = parse_commits("\0".join(fields))[0]
        paths = list[str]()
        for token in tokens:
            if token.startswith(_MARK):
                break
            paths.append(token.lstrip("\n"))
        else:
            token = ""
        yield commit, iter(paths)


def _tokens(stdout: IO[bytes]) -> Iterator[str]:
    rest = b""
    while chunk := stdout.read1(1 << 16):  # type: ignore[attr-defined]
        *whole, rest = (rest + chunk).split(b"\0")
        for token in whole:
            yield token.decode(errors="replace")
    yield rest.decode(errors="replace")
