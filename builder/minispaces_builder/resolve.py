"""One lock for both packagers: the SDK and the repository's requirements, resolved together by uv."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from minispaces_builder import uv_words
from minispaces_builder.attempts import Attempt, Pin, attempts, pin_of
from minispaces_builder.buildlog import BuildLog
from minispaces_builder.compile_call import OUT, CompileCall, Wanted
from minispaces_builder.errors import BuildError
from minispaces_builder.lockfiles import Lock, LockFiles, key_of
from minispaces_builder.releases import DATE_FLOOR, Releases, as_of_release, find_version, newest_version
from minispaces_builder.requirements import Requirements
from minispaces_builder.sandbox import give_to_sandbox, sandbox_argv
from minispaces_builder.uv import Uv
from minispaces_builder.work import Finished, Work
from minispaces_contract.states import Stage

_SCHEMA = 1
"""Raise it when the same inputs should give another lock."""

Sandbox = Callable[[Sequence[str], Path], Finished]
"""Runs uv with these arguments on the files of a folder."""


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom something is resolved. `sandbox` runs uv where a stranger's code may run; None is bubblewrap here."""

    space_id: str
    log: BuildLog
    work: Work
    sandbox: Sandbox | None = None


class Resolver:
    def __init__(self, uv: Uv, folder: Path) -> None:
        self.uv = uv
        self._locks = LockFiles(folder / "locks")
        self._releases = Releases(uv.index, folder / "releases")
        self._space_caches = folder / "spaces"

    def resolve(self, wanted: Wanted, asker: Asker) -> Lock:
        """Raises BuildError. Known inputs cost one small file read and no process."""
        lock = self._known(wanted, asker)
        if lock is None:
            with asker.log.phase("Resolving packages"):
                lock = self._climb(wanted, asker)
        for note in lock.notes:
            asker.log.warning(note)
        return lock

    def sdk_lock(self, wanted: Wanted, asker: Asker) -> Lock:
        """The SDK alone, whose versions every Space with that SDK version then prefers."""
        pin = pin_of(wanted.package, wanted.sdk_version, wanted.requirements) if wanted.package else Pin()
        version = pin.version if pin.spelled else wanted.sdk_version
        alone = Wanted(wanted.package, version, Requirements(), wanted.python, wanted.dependencies_as_of)
        return self._known(alone, asker) or self._climb(alone, asker)

    def _known(self, wanted: Wanted, asker: Asker) -> Lock | None:
        return self._locks.find(self._key(wanted), asker.space_id)

    def _key(self, wanted: Wanted) -> str:
        return key_of(_SCHEMA, wanted, self.uv.index)

    def space_cache(self, space_id: str) -> Path:
        """The cache for what a Space builds from source: only that Space reads what its code may have touched."""
        return self._space_caches / space_id / "uv"

    def _climb(self, wanted: Wanted, asker: Asker) -> Lock:
        pin = pin_of(wanted.package, wanted.sdk_version, wanted.requirements) if wanted.package else Pin()
        pin, as_of = self._as_of(wanted, pin)
        preferred = self.sdk_lock(wanted, asker).text if wanted.package and wanted.requirements.lines else ""
        errors: list[str] = []
        for attempt in attempts(wanted.package, pin, as_of=as_of):
            with tempfile.TemporaryDirectory(prefix="minispaces-lock-") as folder:
                call = CompileCall(wanted, attempt, Path(folder), preferred, self.uv.index.local_projects())
                if lock := self._try(call, errors, asker):
                    lock = _noted(lock, pin, attempt)
                    self._locks.keep(self._key(wanted), asker.space_id, lock)
                    return lock
            if uv_words.is_hopeless(errors[-1]):
                break
        raise _no_solution(errors, asker.log)

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

    def _try(self, call: CompileCall, errors: list[str], asker: Asker) -> Lock | None:
        """First without running anybody's code; then, if only that was the obstacle, in the sandbox."""
        argv = call.prepare()
        finished = self.uv.run(asker.work, [*argv, "--no-build"], cwd=call.folder)
        builds = finished.code != 0 and (call.has_source or uv_words.needs_build(finished.err))
        if builds:
            asker.log.line("A package has no wheel: it is built from source, in a sandbox")
            finished = asker.sandbox(argv, call.folder) if asker.sandbox else self._sandboxed(argv, call, asker)
        if finished.code != 0:
            errors.append(finished.err)
            return None
        return Lock(call.result(), options=tuple(call.wanted.requirements.options), builds_code=builds)

    def _sandboxed(self, argv: Sequence[str], call: CompileCall, asker: Asker) -> Finished:
        cache = self.space_cache(asker.space_id)
        for path in (cache, call.folder, call.folder / OUT):
            give_to_sandbox(path)
        view = self.uv.view(cache, call.folder, python=call.wanted.python)
        env = self.uv.env(cache=cache)
        return asker.work.run(sandbox_argv([self.uv.binary, *argv], view, env=env, cwd=call.folder))


def _given_date(mode: str) -> date | None:
    try:
        return None if mode in {"sdk", "latest"} else date.fromisoformat(mode)
    except ValueError:
        words = f'dependencies_as_of: {mode!r} is none of "sdk", "latest" and a date such as 2024-12-01.'
        raise BuildError(words, Stage.CONFIG_ERROR) from None


def _no_release(package: str, version: str, known: dict[str, date]) -> str:
    newest = newest_version(known) or "none"
    return f"There is no {package} {version[:40]} on the package index; the newest is {newest}. Correct sdk_version."


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
