"""Environments of bundles: `DATA/environments/KEY`, one per interpreter and lock, shared by every app that fits."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from minispaces_builder import static_site, uv_words
from minispaces_builder.buildlog import BuildLog
from minispaces_builder.bytecode import link_bytecode
from minispaces_builder.errors import BuildError
from minispaces_builder.interpreter import Interpreter
from minispaces_builder.lockfiles import Lock, key_of
from minispaces_builder.recipes.static import PROGRAM
from minispaces_builder.sandbox import give_to_sandbox, sandbox_argv
from minispaces_builder.uv import Uv
from minispaces_builder.work import Finished, Work

COMPLETE = ".complete"
"""Marks a finished environment; its modification time is when a build last used it."""
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Environment:
    """What an environment is made of. `program` puts our static server among the packages."""

    python: Interpreter
    lock: Lock
    program: bool = False
    owner: str = ""
    """The Space that alone may use it, because its own code ran to build it; empty for a shared one."""

    @property
    def key(self) -> str:
        source = Path(static_site.__file__).read_text() if self.program else ""
        return key_of(_SCHEMA, self.python, self.lock.text, source, self.owner)


class Environments:
    def __init__(self, data: Path, uv: Uv) -> None:
        self.folder = data / "environments"
        self._uv = uv

    def obtain(self, environment: Environment, *, cache: Path, log: BuildLog, work: Work) -> Path:
        """The finished environment; one that is there costs no process. Raises BuildError."""
        path = self.folder / environment.key
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(path) as lock_fd:
            if not (path / COMPLETE).exists():
                with log.phase(f"Installing {environment.lock.count} packages"):
                    self._make(path, environment, cache=cache, log=log, work=work, lock_fd=lock_fd)
            (path / COMPLETE).touch()
        return path

    def _make(
        self, path: Path, environment: Environment, *, cache: Path, log: BuildLog, work: Work, lock_fd: int
    ) -> None:
        """At its final path, since environments hold absolute paths; the lock passes on to uv, which may outlive us."""
        shutil.rmtree(path, ignore_errors=True)
        venv = ["venv", "--no-project", "--quiet", "--python", environment.python.path, str(path)]
        _check(self._uv.run(work, venv, keep_fds=[lock_fd]), log)
        listing = path / "minispaces.lock"
        listing.write_text(environment.lock.text)
        argv = ["pip", "install", "--no-deps", "--python", str(path / "bin/python"), "--requirements", str(listing)]
        argv += ["--link-mode", "hardlink", *environment.lock.options]
        if environment.lock.builds_code:
            _check(self._sandboxed(argv, path, environment, cache=cache, work=work), log)
        else:
            _check(self._uv.run(work, [*argv, "--no-build"], keep_fds=[lock_fd]), log)
            link_bytecode(path, self.folder)
        if environment.program:
            shutil.copyfile(static_site.__file__, site_packages(path) / f"{PROGRAM}.py")
        _record(path, environment)

    def _sandboxed(self, argv: list[str], path: Path, environment: Environment, *, cache: Path, work: Work) -> Finished:
        """Compiled at once, in there too: nobody may later run or write through what strangers' code left."""
        give_to_sandbox(cache)
        for folder, _, _ in os.walk(path):
            give_to_sandbox(Path(folder))
        view = self._uv.view(path, cache, python=environment.python)
        env = self._uv.env(cache=cache)
        return work.run(sandbox_argv([self._uv.binary, *argv, "--compile-bytecode"], view, env=env, cwd=path))


def _record(path: Path, environment: Environment) -> None:
    facts = {"python": environment.python.path, "version": environment.python.version, "owner": environment.owner}
    mark = path / COMPLETE
    mark.unlink(missing_ok=True)
    with mark.open("x") as file:  # never through a link that a package's code may have left there
        json.dump(facts, file)


def site_packages(path: Path) -> Path:
    return next((path / "lib").glob("python3.*/site-packages"))


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[int]:
    """The environment's lock, held by this process and any child that got the descriptor. May raise BlockingIOError."""
    lock_path = path.with_name(f".{path.name}.lock")
    with lock_path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield file.fileno()


def _check(finished: Finished, log: BuildLog) -> None:
    if finished.code != 0:
        for line in uv_words.last_lines(finished.err):
            log.error(line)
        raise BuildError(uv_words.summary(finished.err))
