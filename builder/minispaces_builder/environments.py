"""Environments of bundles: `DATA/environments/KEY`, one per interpreter and lock, shared by every app that fits."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from minispaces_builder import quick_gradio, static_site, uv_words
from minispaces_builder.buildlog import BuildLog
from minispaces_builder.bytecode import link_bytecode
from minispaces_builder.errors import BuildError
from minispaces_builder.interpreter import Interpreter
from minispaces_builder.lockfiles import Lock, key_of
from minispaces_builder.recipes.static import PROGRAM
from minispaces_builder.sandbox import give_to_sandbox, sandbox_argv
from minispaces_builder.uv import Uv
from minispaces_builder.work import Finished, Work
from minispaces_contract.disk import write_whole

COMPLETE = ".complete"
"""Marks a finished environment; its modification time is when a build last used it."""
_SCHEMA = 1
_QUICK = "minispaces_quick_gradio"


@dataclass(frozen=True, slots=True)
class Environment:
    """What an environment is made of. `program` puts our static server among the packages."""

    python: Interpreter
    lock: Lock
    program: bool = False
    owner: str = ""
    """The Space that alone may use it, because its own code ran to build it; empty for a shared one."""

    @property
    def additions(self) -> dict[str, str]:
        """Files of ours that go among the packages: their names there, and where they are."""
        program = {f"{PROGRAM}.py": static_site.__file__} if self.program else {}
        return program | ({f"{_QUICK}.py": quick_gradio.__file__} if self.holds_gradio else {})

    @property
    def holds_gradio(self) -> bool:
        return any(line.startswith("gradio==") for line in self.lock.text.splitlines())

    @property
    def key(self) -> str:
        source = "".join(Path(file).read_text() for file in self.additions.values())
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
        sources = self._install_wheels(path, environment.lock, log=log, work=work, lock_fd=lock_fd)
        if sources:
            self._install_sources(path, sources, environment, cache=cache, log=log, work=work)
        link_bytecode(path, self.folder)
        for name, file in environment.additions.items():
            shutil.copyfile(file, site_packages(path) / name)
        if environment.holds_gradio:
            (site_packages(path) / f"{_QUICK}.pth").write_text(f"import {_QUICK}\n")
        _record(path, environment)

    def _install_wheels(self, path: Path, lock: Lock, *, log: BuildLog, work: Work, lock_fd: int) -> list[str]:
        """Everything that needs no building, from the shared cache; returns the lines that are left over.

        uv names one package without a wheel at a time, before it installs anything.
        """
        wheels, sources = split_lock(lock.text)
        while True:
            finished = self._uv.run(work, _install_argv(path, wheels, lock), keep_fds=[lock_fd])
            name = uv_words.without_wheel(finished.err) if finished.code != 0 and lock.builds_code else None
            left = [line for line in wheels if line.split("==")[0] == name]
            if not left:
                _check(finished, log)
                return sources
            wheels = [line for line in wheels if line not in left]
            sources += left

    def _install_sources(
        self, path: Path, sources: list[str], environment: Environment, *, cache: Path, log: BuildLog, work: Work
    ) -> None:
        """In the sandbox, into a folder of its own: their code never reaches a file that others share."""
        with tempfile.TemporaryDirectory(prefix=".sources-", dir=self.folder) as folder:
            target = Path(folder) / "target"
            for one in (cache, Path(folder), target):
                give_to_sandbox(one)
            argv = [self._uv.binary, "pip", "install", "--no-deps", "--python", environment.python.path]
            argv += ["--target", str(target), "--link-mode", "copy", *environment.lock.options, *sources]
            view = self._uv.view(Path(folder), cache, python=environment.python)
            wrapped = sandbox_argv(argv, view, env=self._uv.env(cache=cache), cwd=Path(folder))
            _check(work.run(wrapped), log)
            move_in(target, site_packages(path))


def _install_argv(path: Path, lines: list[str], lock: Lock) -> list[str]:
    listing = path / "minispaces.lock"
    listing.write_text("".join(f"{line}\n" for line in lines))
    argv = ["pip", "install", "--no-deps", "--no-build", "--python", str(path / "bin/python")]
    return [*argv, "--requirements", str(listing), "--link-mode", "hardlink", *lock.options]


def split_lock(text: str) -> tuple[list[str], list[str]]:
    """Lines of pinned versions, and those that name a repository or an archive of sources."""
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
    sources = [line for line in lines if " @ " in line and not line.split(";")[0].strip().endswith(".whl")]
    return [line for line in lines if line not in sources], sources


def move_in(source: Path, target: Path) -> None:
    """Files take the place of what is there, never write into it; links are left behind."""
    for folder, _, names in os.walk(source):
        place = target / Path(folder).relative_to(source)
        place.mkdir(exist_ok=True)
        for name in names:
            file = Path(folder) / name
            if file.is_file() and not file.is_symlink():
                file.replace(place / name)


def _record(path: Path, environment: Environment) -> None:
    facts = {"python": environment.python.path, "version": environment.python.version, "owner": environment.owner}
    write_whole(path / COMPLETE, json.dumps(facts))


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
