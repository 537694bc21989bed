"""Asking git about a repository: a child with a deadline, whose answer is cut where it grows too long."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer
from typing import IO

from minispaces_platform.errors import MinispacesError, NotFoundError
from minispaces_platform.repos.store import RepositoryStore

DEADLINE_SECONDS = 10
_OPTIONS = ("--literal-pathspecs", "-c", "core.quotePath=false")


class SlowError(MinispacesError):
    status = 503
    code = "slow"


class GitError(NotFoundError):
    """What was asked for is not there, or not of that kind."""

    def __init__(self) -> None:
        super().__init__("There is nothing like that in this repository.", hint="It may have been renamed or deleted.")


@dataclass(frozen=True, slots=True)
class Repository:
    """One Space's, for reading."""

    store: RepositoryStore
    space_id: str

    @property
    def exists(self) -> bool:
        return self.store.path(self.space_id).exists()


@dataclass(frozen=True, slots=True)
class Answer:
    data: bytes
    is_cut: bool = False

    @property
    def text(self) -> str:
        return self.data.decode(errors="replace")


def ask(repository: Repository, *argv: str, most: int = 8 << 20, seconds: float = DEADLINE_SECONDS) -> Answer:
    """Raises GitError where git says no, SlowError where it takes too long."""
    with running(repository, *argv, seconds=seconds) as (process, stdout):
        data = stdout.read(most + 1)
        if len(data) > most:
            return Answer(data[:most], is_cut=True)
        code = process.wait()
    if code < 0:
        raise SlowError("That takes too long to show.", hint="Clone the repository and look at it there.")
    if code:
        raise GitError
    return Answer(data)


@contextmanager
def running(
    repository: Repository, *argv: str, seconds: float = DEADLINE_SECONDS
) -> Iterator[tuple["subprocess.Popen[bytes]", IO[bytes]]]:
    """For what is read as it comes. The child is killed at its deadline, and at the end in any case."""
    command = ["git", "--git-dir", str(repository.store.path(repository.space_id)), *_OPTIONS, *argv]
    with subprocess.Popen(
        command, env=repository.store.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        deadline = Timer(seconds, process.kill)
        deadline.daemon = True
        deadline.start()
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for above
            yield process, process.stdout
        finally:
            deadline.cancel()
            process.kill()
