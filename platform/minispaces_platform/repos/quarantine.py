"""A place beside a repository where new objects wait for the verdict: what is refused leaves nothing behind."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO

from minispaces_platform.errors import ConflictError
from minispaces_platform.repos.changes import Content
from minispaces_platform.repos.inspection import RefUpdate
from minispaces_platform.repos.store import RepositoryStore

DEADLINE_SECONDS = 60
_COPY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Quarantine:
    repository: Path
    folder: Path
    environment: dict[str, str]
    outside: dict[str, str]
    """The environment of git without the quarantine."""

    def git(self, *argv: str, stdin: bytes = b"", **environment: str) -> bytes:
        """Raises CalledProcessError, with git's own words in `stderr`."""
        return self._run(argv, stdin, self.environment | environment)

    def write_blobs(self, contents: Iterable[tuple[int, Content]]) -> list[str]:
        """Their names, in order. One process, one sync, however many; files are streamed. Each comes with its size."""
        marks = self.folder / "marks"
        argv = ["git", "--git-dir", str(self.repository), "-c", "core.bigFileThreshold=16m"]
        argv += ["fast-import", "--quiet", "--done", f"--export-marks={marks}"]
        with subprocess.Popen(argv, env=self.environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            deadline = Timer(DEADLINE_SECONDS * 5, process.kill)
            deadline.start()
            assert process.stdin is not None  # noqa: S101 - it was asked for above
            try:
                with suppress(BrokenPipeError), process.stdin as stdin:
                    _feed(stdin, contents)
                code = process.wait()
            finally:
                deadline.cancel()
        if code:
            raise subprocess.CalledProcessError(code, argv)
        lines = (line.split() for line in marks.read_text().splitlines())
        return [name for _, name in sorted((int(mark[1:]), name) for mark, name in lines)]

    def settle(self) -> None:
        """Move the objects into the repository. Of a pack the index comes last: it is what makes it known."""
        objects = self.repository / "objects"
        for path in sorted(self.folder.glob("*/*"), key=lambda path: path.suffix == ".idx"):
            target = objects / path.parent.name / path.name
            target.parent.mkdir(exist_ok=True)
            if not target.exists():
                path.rename(target)

    def move_refs(self, updates: Iterable[RefUpdate]) -> None:
        """All or none. Raises ConflictError when one is no longer where it was."""
        commands = "".join(f"update {each.ref} {each.new} {each.old}\n" for each in updates)
        try:
            self._run(("update-ref", "--stdin"), commands.encode(), self.outside)
        except subprocess.CalledProcessError:
            raise ConflictError(
                "Somebody else changed this branch at the same moment.", hint="Nothing is lost: look, and try again."
            ) from None

    def _run(self, argv: tuple[str, ...], stdin: bytes, environment: dict[str, str]) -> bytes:
        return subprocess.run(
            ["git", "--git-dir", str(self.repository), *argv],
            env=environment, input=stdin, capture_output=True, check=True, timeout=DEADLINE_SECONDS,
        ).stdout  # fmt: skip


@contextmanager
def quarantine(store: RepositoryStore, space_id: str) -> Iterator[Quarantine]:
    """Gone at the end. A crash leaves it to `git prune`, which knows the name for one of its own."""
    repository = store.create(space_id)
    store.unlock(space_id)
    folder = Path(tempfile.mkdtemp(prefix="tmp_objdir-incoming-", dir=repository / "objects"))
    environment = store.environment | {
        "GIT_OBJECT_DIRECTORY": str(folder),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(repository / "objects"),
        "GIT_INDEX_FILE": str(folder / "index"),
    }
    try:
        yield Quarantine(repository, folder, environment, store.environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _feed(stdin: IO[bytes], contents: Iterable[tuple[int, Content]]) -> None:
    for number, (size, content) in enumerate(contents, 1):
        stdin.write(b"blob\nmark :%d\ndata %d\n" % (number, size))
        if isinstance(content, bytes):
            stdin.write(content)
        elif isinstance(content, Path):
            with content.open("rb") as file:
                shutil.copyfileobj(file, stdin, _COPY_BYTES)
        else:
            content.seek(0)
            shutil.copyfileobj(content, stdin, _COPY_BYTES)
        stdin.write(b"\n")
    stdin.write(b"done\n")
