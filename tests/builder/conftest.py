"""A repository as data, a log that is read back, and what real packaging needs."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from minispaces_builder.buildlog import BuildLog
from minispaces_builder.package_index import read_package_index
from minispaces_builder.uv import Uv
from minispaces_builder.work import Work
from minispaces_contract.logstream import Entry


class Repository(dict[str, str | bytes]):
    """The `Files` that recipes read, without a disk."""

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self)

    def read(self, name: str, *, limit: int) -> bytes:
        content = self[name]
        return (content.encode() if isinstance(content, str) else content)[: limit + 1]


@pytest.fixture(scope="session")
def repository() -> type[Repository]:
    return Repository


@pytest.fixture(scope="session")
def uv() -> Uv:
    """With one package cache for all tests and runs, beside the temporary folders for hard links."""
    cache = Path(tempfile.gettempdir()) / f"minispaces-tests-{os.geteuid()}" / "uv"
    return Uv(read_package_index(os.environ), cache)


@pytest.fixture
def work() -> Work:
    return Work(minutes=5)


class ReadableLog(BuildLog):
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        super().__init__(self.entries.extend)

    @property
    def text(self) -> str:
        return "\n".join(entry.text for entry in self.entries)


@contextmanager
def _opened() -> Iterator[ReadableLog]:
    with ReadableLog() as log:
        yield log


@pytest.fixture
def open_log() -> object:
    """Entries are complete when the `with` block has ended."""
    return _opened
