"""One call of `uv pip compile`: what goes in, the command, what comes out."""

import os
from dataclasses import dataclass
from pathlib import Path

from minispaces_builder.attempts import Attempt
from minispaces_builder.interpreter import Interpreter
from minispaces_builder.requirements import MAX_BYTES, Requirements, exact_pin

OUT = "out.txt"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that a resolution depends on, but for the package index itself."""

    package: str | None
    sdk_version: str | None
    requirements: Requirements
    python: Interpreter
    dependencies_as_of: str | None = None


@dataclass(frozen=True, slots=True)
class CompileCall:
    """`preferred` is a lock whose versions are taken where they fit; files lie in `folder`, where uv runs."""

    wanted: Wanted
    attempt: Attempt
    folder: Path
    preferred: str
    undated: frozenset[str]

    def prepare(self) -> list[str]:
        """Write the files and give the arguments; an output file that is there already names preferred versions."""
        files = {
            "in.txt": [*self.attempt.lines, *self.wanted.requirements.lines],
            "constraints.txt": self.wanted.requirements.constraints,
            OUT: self.preferred.splitlines(),
        }
        for name, lines in files.items():
            (self.folder / name).write_text("".join(f"{line}\n" for line in lines))
        return compile_argv(self.wanted, self.attempt, undated=self.undated)

    def result(self) -> str:
        """Not through a link: what ran in a sandbox may have put one there."""
        descriptor = os.open(self.folder / OUT, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, encoding="utf-8") as file:
            return file.read(MAX_BYTES)

    @property
    def has_source(self) -> bool:
        """Whether something is asked for that is certainly no wheel."""
        return any("git+" in line or line.endswith((".tar.gz", ".zip")) for line in self.wanted.requirements.lines)


def compile_argv(wanted: Wanted, attempt: Attempt, *, undated: frozenset[str]) -> list[str]:
    """Exact pins are exempt from the date, and so are files in local folders, which have none."""
    argv = ["pip", "compile", "in.txt", "--constraints", "constraints.txt", "--output-file", OUT]
    argv += [*_python(wanted.python), "--no-header", "--no-annotate", *wanted.requirements.options]
    if attempt.as_of is None:
        return argv
    named = wanted.requirements.named
    for name in sorted(name for name in named if exact_pin(named[name]) or name in undated):
        argv += ["--exclude-newer-package", f"{name}=false"]
    return [*argv, "--exclude-newer", attempt.as_of.isoformat()]


def _python(python: Interpreter) -> list[str]:
    return ["--python", python.path] if python.path else ["--python-version", python.minor]
