"""Which commit changed each entry of a folder last: one walk through history, ended as soon as all are found."""

import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import IO

from minispaces_platform.files.address import Place
from minispaces_platform.files.queries import Commit, find_commit, parse_commits
from minispaces_platform.repos.reading import Repository, running

WALK_SECONDS = 1.5
"""What is not found by then is shown without a commit: a page must not wait for a long history."""
_FORMAT = "%x02%H%x00%P%x00%an%x00%at%x00%s%x00"
_MARK = "\2"
"""No path of ours begins with it."""


class _UnfinishedError(Exception):
    """Carries what was found in time; an exception, so that it is not kept as if it were all."""

    def __init__(self, found: dict[str, Commit]) -> None:
        super().__init__()
        self.found = found


def last_commits(repository: Repository, place: Place, names: Iterable[str]) -> dict[str, Commit]:
    """Of the entries of a folder, by name. Along the first parents: a merge counts as the change that it brought."""
    try:
        return _found(repository, place.commit, place.path, frozenset(names), place.path)
    except _UnfinishedError as error:
        return error.found


def latest_commit(repository: Repository, place: Place) -> Commit | None:
    """Of a file or folder; of the whole repository it is the commit itself."""
    if not place.path:
        return find_commit(repository, place.commit)
    folder, _, name = place.path.rpartition("/")
    try:
        return _found(repository, place.commit, folder, frozenset({name}), place.path).get(name)
    except _UnfinishedError:
        return None


@lru_cache(512)
def _found(repository: Repository, commit: str, folder: str, names: frozenset[str], where: str) -> dict[str, Commit]:
    """A commit's history never changes. Raises _UnfinishedError."""
    wanted, found = set(names), dict[str, Commit]()
    options = ("--first-parent", "--diff-merges=first-parent", "--no-renames", "--name-only", "-z")
    ends = time.monotonic() + WALK_SECONDS
    paths = ("--", where) if where else ()
    with running(repository, "log", *options, f"--format={_FORMAT}", commit, *paths) as (_, stdout):
        for walked, changed in _walk(_tokens(stdout)):
            for name in {_below(path, folder) for path in changed} & wanted:
                wanted.discard(name)
                found[name] = walked
            if not wanted:
                break
            if time.monotonic() > ends:
                raise _UnfinishedError(found)
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
