"""Compiled Python: linked from environments that have it already, made after the first start for the rest.

Without bytecode `import gradio` takes 6 s instead of 2.6 s; compiling everything takes 5 to 9 s (embedded.md
section 1). So the first start does without, and a task that gives way to apps compiles afterwards. Hard links made by
uv keep the sources' modification times, which is why one environment's bytecode is valid in another.
"""

import csv
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from minispaces_builder.work import Work

_COMPLETE = ".complete"
COMPILED = ".compiled"


def link_bytecode(path: Path, environments: Path) -> int:
    """Give a new environment the bytecode of every distribution that a compiled one has; returns how many files."""
    packages = _site(path)
    if packages is None:
        return 0
    wanted = {info.name: info for info in packages.glob("*.dist-info")}
    linked = 0
    for donor in _donors(environments, packages):
        for name in sorted(wanted.keys() & {entry.name for entry in donor.glob("*.dist-info")}):
            linked += _link_distribution(wanted.pop(name), donor, packages)
        if not wanted:
            break
    return linked


def compile_argv(path: Path) -> list[str] | None:
    """How to compile an environment; None for one that is not there or is done.

    The base interpreter runs it, isolated: an environment's own would run whatever its packages put into `.pth`.
    """
    with suppress(OSError, ValueError):
        facts = json.loads((path / _COMPLETE).read_text())
        packages = _site(path)
        if packages is None or (path / COMPILED).exists():
            return None
        return [facts["python"], "-I", "-S", "-m", "compileall", "-q", "-q", str(packages)]
    return None


def compile_environment(path: Path, work: Work) -> bool:
    """Exit code 1 only says that some file is no valid Python. Raises BuildError when it took too long."""
    argv = compile_argv(path)
    if argv is None or work.run(argv, env={"PATH": os.defpath}).code not in {0, 1}:
        return False
    (path / COMPILED).touch()
    return True


def _donors(environments: Path, packages: Path) -> Iterator[Path]:
    """Site folders of compiled, shared environments with the same Python, newest first."""
    marks = sorted(environments.glob(f"*/{COMPILED}"), key=lambda mark: mark.stat().st_mtime, reverse=True)
    for mark in marks:
        donor = _site(mark.parent)
        if donor is not None and donor.parent.name == packages.parent.name and not _has_owner(mark.parent):
            yield donor


def _has_owner(environment: Path) -> bool:
    """Whether strangers' code built a part of it: what it has may not reach other Spaces."""
    with suppress(OSError, ValueError):
        return bool(json.loads((environment / _COMPLETE).read_text())["owner"])
    return True


def _link_distribution(info: Path, donor: Path, packages: Path) -> int:
    linked = 0
    made: set[Path] = set()
    with suppress(OSError), (info / "RECORD").open(newline="", encoding="utf-8") as record:
        for name, *_ in csv.reader(record):
            if not name.endswith(".py") or name.startswith(("/", "..")):
                continue
            source = cached_name(Path(name), packages.parent.name)
            linked += _link(donor / source, packages / source, made)
    return linked


def _link(source: Path, target: Path, made: set[Path]) -> int:
    if target.parent not in made:
        target.parent.mkdir(exist_ok=True)
        made.add(target.parent)
    with suppress(FileNotFoundError, FileExistsError):
        os.link(source, target)
        return 1
    return 0


def cached_name(source: Path, python_folder: str) -> Path:
    """`a/b.py` in `python3.11` is compiled to `a/__pycache__/b.cpython-311.pyc`."""
    tag = "cpython-" + python_folder.removeprefix("python").replace(".", "")
    return source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"


def _site(path: Path) -> Path | None:
    return next((path / "lib").glob("python3.*/site-packages"), None)
