"""Which CPython an app gets, and what is said when it is not the one asked for."""

import json
import os
import platform
import re
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from minispaces_builder.buildlog import BuildLog
from minispaces_builder.errors import BuildError
from minispaces_builder.interpreter import Interpreter, minor_of
from minispaces_builder.uv import Uv
from minispaces_builder.work import Work
from minispaces_contract.disk import write_whole
from minispaces_contract.states import Stage

_LIST_SECONDS = 3600
_FAILURE_SECONDS = 3600
_OLDEST_USABLE = (3, 8)
_FOR_OLD = "3.10"


def asked_version(written: str | None) -> str | None:
    """`3.11`, `3.11.7` or None. Raises BuildError for anything else."""
    if written is None or not written.strip():
        return None
    version = written.strip().removeprefix("python").lstrip("-= ")
    if not re.fullmatch(r"3\.\d{1,2}(?:\.\d{1,2})?", version):
        raise BuildError(f"python_version: {written[:50]!r} is not a version such as 3.11.", Stage.CONFIG_ERROR)
    return version


def default_version(package: str | None, sdk_version: str | None, *, there: Sequence[str], own: str) -> str:
    """The minor to use when none is asked for: Gradio up to 4 predates Python 3.11's heyday (hf-compat 2.2)."""
    old = package == "gradio" and re.match(r"[0-4]\.", sdk_version or "") is not None
    return _FOR_OLD if old and _FOR_OLD in there else own


def nearest(asked: str, available: Sequence[str]) -> str:
    """The same minor, else the closest one, preferring the newer of two equally close."""
    wanted = int(minor_of(asked).split(".")[1])
    return min(available, key=lambda version: (abs(_minor(version) - wanted), -_minor(version), version != asked))


def _minor(version: str) -> int:
    return int(version.split(".")[1])


def substitution(asked: str, got: str) -> str | None:
    """The warning for a version that could not be had; None when the minor is the one asked for."""
    if minor_of(asked) == minor_of(got):
        return None
    return f"Python {asked} was asked for but cannot be had here; using the nearest, Python {got}."


class Interpreters:
    """CPython on this machine. What uv finds is kept on disk, so that most builds ask nobody."""

    def __init__(self, uv: Uv, folder: Path) -> None:
        self._uv, self._folder, self._home = uv, folder, folder.parent / "interpreters"
        self.own = Interpreter(platform.python_version(), str(Path(getattr(sys, "_base_executable", sys.executable))))

    def choose(self, package: str | None, sdk_version: str | None, *, asked: str | None, work: Work) -> Interpreter:
        if (
            minor_of(asked or default_version(package, sdk_version, there=[_FOR_OLD], own=self.own.minor))
            == self.own.minor
        ):
            return self.own
        there = self._found(work)
        minors = [one.minor for one in there]
        wanted = asked or default_version(package, sdk_version, there=minors, own=self.own.minor)
        if minor_of(wanted) not in minors and self._install(wanted, work):
            there = self._found(work, fresh=True)
        best = nearest(wanted, [one.version for one in there])
        return next(one for one in there if one.version == best)

    def _found(self, work: Work, *, fresh: bool = False) -> list[Interpreter]:
        path = self._folder / "interpreters.json"
        with suppress(OSError, ValueError, TypeError):
            if not fresh and time.time() - path.stat().st_mtime < _LIST_SECONDS:
                known = [Interpreter(**one) for one in json.loads(path.read_text())]
                return [self.own, *(one for one in known if Path(one.path).exists())]
        found = self._ask(work)
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # only a cache
            write_whole(path, json.dumps([asdict(one) for one in found]))
        return [self.own, *found]

    def _ask(self, work: Work) -> list[Interpreter]:
        argv = ["python", "list", "--only-installed", "--output-format", "json"]
        answer = self._uv.run(work, argv, extra_env={"PATH": search_path(), "UV_PYTHON_INSTALL_DIR": str(self._home)})
        with suppress(ValueError):
            return [Interpreter(one["version"], one["path"]) for one in json.loads(answer.out) if self._usable(one)]
        return []

    def _usable(self, one: dict[str, object]) -> bool:
        numbers = tuple(int(part) for part in re.findall(r"\d+", str(one["version"]))[:2])
        final = re.fullmatch(r"[\d.]+", str(one["version"])) is not None
        own = minor_of(str(one["version"])) == self.own.minor
        return one["implementation"] == "cpython" and final and numbers >= _OLDEST_USABLE and not own

    def _install(self, version: str, work: Work) -> bool:
        """Whether uv could fetch it; a failure is remembered, so that it costs its seconds once an hour."""
        mark = self._folder / f"no-python-{minor_of(version)}"
        with suppress(OSError):
            if time.time() - mark.stat().st_mtime < _FAILURE_SECONDS:
                return False
        if not self._uv.downloads:
            return False
        argv = ["python", "install", version, "--install-dir", str(self._home), "--no-bin"]
        if self._uv.run(work, argv, extra_env={"UV_HTTP_RETRIES": "0"}).code == 0:
            return True
        self._folder.mkdir(parents=True, exist_ok=True)
        mark.touch()
        return False


def search_path() -> str:
    """Folders of pyenv instead of its shims, each of which takes a second to refuse a version not switched on."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    path = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder != str(pyenv / "shims")]
    return os.pathsep.join([*path, *map(str, sorted(pyenv.glob("versions/*/bin")))])


def announce(log: BuildLog, asked: str | None, got: str) -> None:
    if asked and (warning := substitution(asked, got)):
        log.warning(warning)
    log.line(f"Python {got}")
