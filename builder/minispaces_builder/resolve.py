"""One lock for both packagers: the SDK and the repository's requirements, resolved together by uv."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from minispaces_builder import uv_words
from minispaces_builder.attempts import Attempt, Pin, attempts, pin_of
from minispaces_builder.buildlog import BuildLog
from minispaces_builder.errors import BuildError
from minispaces_builder.interpreter import Interpreter
from minispaces_builder.lockfiles import Lock, LockFiles, key_of
from minispaces_builder.releases import DATE_FLOOR, Releases, as_of_release, find_version, newest_version
from minispaces_builder.requirements import MAX_BYTES, Requirements, exact_pin
from minispaces_builder.sandbox import give_to_sandbox, sandbox_argv
from minispaces_builder.uv import Uv
from minispaces_builder.work import Finished, Work
from minispaces_contract.states import Stage

_SCHEMA = 1
"""Raise it when the same inputs should give another lock."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that a resolution depends on, but for the package index itself."""

    package: str | None
    sdk_version: str | None
    requirements: Requirements
    python: Interpreter
    dependencies_as_of: str | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of uv: where it writes, and what versions it may prefer."""

    wanted: Wanted
    attempt: Attempt
    folder: Path
    space_id: str
    preferred: str


class Resolver:
    def __init__(self, uv: Uv, folder: Path) -> None:
        self.uv = uv
        self._locks = LockFiles(folder / "locks")
        self._releases = Releases(uv.index, folder / "releases")
        self._space_caches = folder / "spaces"

    def resolve(self, wanted: Wanted, space_id: str, *, log: BuildLog, work: Work) -> Lock:
        """Raises BuildError. Known inputs cost one small file read and no process."""
        key = key_of(_SCHEMA, wanted, self.uv.index)
        lock = self._locks.find(key, space_id)
        if lock is None:
            with log.phase("Resolving packages"):
                lock = self._climb(wanted, space_id, log=log, work=work)
            self._locks.keep(key, space_id, lock)
        for note in lock.notes:
            log.warning(note)
        return lock

    def sdk_lock(self, wanted: Wanted, space_id: str, *, log: BuildLog, work: Work) -> Lock:
        """The SDK alone, whose versions every Space with that SDK version then prefers."""
        alone = Wanted(wanted.package, wanted.sdk_version, Requirements(), wanted.python, wanted.dependencies_as_of)
        key = key_of(_SCHEMA, alone, self.uv.index)
        lock = self._locks.find(key, space_id)
        if lock is None:
            lock = self._climb(alone, space_id, log=log, work=work)
            self._locks.keep(key, space_id, lock)
        return lock

    def space_cache(self, space_id: str) -> Path:
        """The cache for what a Space builds from source: only that Space reads what its code may have touched."""
        return self._space_caches / space_id / "uv"

    def _climb(self, wanted: Wanted, space_id: str, *, log: BuildLog, work: Work) -> Lock:
        pin = pin_of(wanted.package, wanted.sdk_version, wanted.requirements) if wanted.package else Pin()
        pin, as_of = self._as_of(wanted, pin)
        own = bool(wanted.requirements.lines)
        preferred = self.sdk_lock(wanted, space_id, log=log, work=work).text if own and not pin.spelled else ""
        errors: list[str] = []
        for attempt in attempts(wanted.package, pin, as_of=as_of):
            with tempfile.TemporaryDirectory(prefix="minispaces-lock-") as folder:
                call = _Call(wanted, attempt, Path(folder), space_id, preferred)
                if lock := self._try(call, errors, log=log, work=work):
                    return _noted(lock, pin, attempt)
            if uv_words.is_hopeless(errors[-1]):
                break
        raise _no_solution(errors, log)

    def _as_of(self, wanted: Wanted, pin: Pin) -> tuple[Pin, date | None]:
        """The pin with the release's real version, and the date that open dependencies are resolved to."""
        mode = wanted.dependencies_as_of or "sdk"
        if wanted.package is None or pin.version is None:
            return pin, _given_date(mode)
        known = self._releases.dates(wanted.package, wanted=pin.version)
        if known is None:
            return pin, _given_date(mode)
        version = find_version(pin.version, known)
        if version is None:
            raise BuildError(_no_release(wanted.package, pin.version, known), Stage.CONFIG_ERROR)
        today = datetime.now(UTC).date()
        as_of = as_of_release(known[version], today=today) if mode == "sdk" else _given_date(mode)
        return Pin(version, spelled=pin.spelled, warning=pin.warning), as_of

    def _try(self, call: _Call, errors: list[str], *, log: BuildLog, work: Work) -> Lock | None:
        """First without running anybody's code; then, if only that was the obstacle, in the sandbox."""
        argv = _prepare(self.uv, call)
        finished = self.uv.run(work, [*argv, "--no-build"])
        builds = finished.code != 0 and (_has_source(call.wanted) or uv_words.needs_build(finished.err))
        if builds:
            log.line("A package has no wheel: it is built from source, in a sandbox")
            finished = self._sandboxed(argv, call, work)
        if finished.code != 0:
            errors.append(finished.err)
            return None
        text = _read_plain(call.folder / "out.txt")
        return Lock(text, options=tuple(call.wanted.requirements.options), builds_code=builds)

    def _sandboxed(self, argv: Sequence[str], call: _Call, work: Work) -> Finished:
        cache = self.space_cache(call.space_id)
        for path in (cache, call.folder, call.folder / "out.txt"):
            give_to_sandbox(path)
        view = self.uv.view(cache, call.folder, python=call.wanted.python)
        env = self.uv.env(cache=cache)
        return work.run(sandbox_argv([self.uv.binary, *argv], view, env=env, cwd=call.folder))


def _read_plain(path: Path) -> str:
    """Not through a link: what ran in the sandbox may have put one there."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8") as file:
        return file.read(MAX_BYTES)


def _given_date(mode: str) -> date | None:
    try:
        return None if mode in {"sdk", "latest"} else date.fromisoformat(mode)
    except ValueError:
        words = f'dependencies_as_of: {mode!r} is none of "sdk", "latest" and a date such as 2024-12-01.'
        raise BuildError(words, Stage.CONFIG_ERROR) from None


def _no_release(package: str, version: str, known: dict[str, date]) -> str:
    newest = newest_version(known) or "none"
    return f"There is no {package} {version[:40]} on the package index; the newest is {newest}. Correct sdk_version."


def _prepare(uv: Uv, call: _Call) -> list[str]:
    """Writes uv's input files; an output file that is there already is what uv takes preferred versions from."""
    wanted, folder = call.wanted, call.folder
    files = {
        "in.txt": [*call.attempt.lines, *wanted.requirements.lines],
        "constraints.txt": wanted.requirements.constraints,
        "out.txt": call.preferred.splitlines(),
    }
    for name, lines in files.items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    return compile_argv(wanted, call.attempt, folder=folder, undated=uv.index.local_projects())


def compile_argv(wanted: Wanted, attempt: Attempt, *, folder: Path, undated: frozenset[str]) -> list[str]:
    """Exact pins are exempt from the date, and so are files in local folders, which have none."""
    argv = ["pip", "compile", str(folder / "in.txt"), "--constraints", str(folder / "constraints.txt")]
    argv += ["--output-file", str(folder / "out.txt"), *_python(wanted.python)]
    argv += ["--no-header", "--no-annotate", *wanted.requirements.options]
    if attempt.as_of is None:
        return argv
    named = wanted.requirements.named
    exempt = sorted(name for name in named if exact_pin(named[name]) or name in undated)
    for name in exempt:
        argv += ["--exclude-newer-package", f"{name}=false"]
    return [*argv, "--exclude-newer", attempt.as_of.isoformat()]


def _python(python: Interpreter) -> list[str]:
    return ["--python", python.path] if python.path else ["--python-version", python.minor]


def _has_source(wanted: Wanted) -> bool:
    return any("git+" in line or line.endswith((".tar.gz", ".zip")) for line in wanted.requirements.lines)


def _noted(lock: Lock, pin: Pin, attempt: Attempt) -> Lock:
    notes = tuple(note for note in (pin.warning, attempt.note) if note)
    as_of = attempt.as_of.isoformat() if attempt.as_of else None
    return Lock(lock.text, as_of, notes, lock.options, lock.builds_code)


def _no_solution(errors: list[str], log: BuildLog) -> BuildError:
    """The first attempt's words: it is the one that the person asked for."""
    for line in uv_words.last_lines(errors[0]):
        log.error(line)
    return BuildError(uv_words.summary(errors[0]))


def explain_date(lock: Lock, wanted: Wanted) -> str | None:
    if lock.as_of is None:
        return None
    pinned = next((line for line in lock.text.splitlines() if line.startswith(f"{wanted.package}==")), "")
    sdk = pinned.replace("==", " ")
    dated = wanted.dependencies_as_of in {None, "sdk"} and sdk and lock.as_of != DATE_FLOOR.isoformat()
    origin = f", 45 days after {sdk}" if dated else ""
    return (
        f"Dependencies as of {lock.as_of}{origin}; "
        "`dependencies_as_of: latest` in the front matter of README.md switches this off"
    )


def remove_space_files(folder: Path, space_id: str) -> None:
    """What is kept for one Space only: its locks and its build cache."""
    for path in (folder / "locks" / space_id, folder / "spaces" / space_id):
        shutil.rmtree(path, ignore_errors=True)
