"""What a stranger's Dockerfile may not say, checked before the engine reads it (security F7, corpus B23 to B25).

Images of other Spaces cannot be named in it: they have no tags, and BuildKit takes no image ids.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from minispaces_builder.checkout import Checkout
from minispaces_builder.errors import BuildError

MAX_BYTES = 256_000
MAX_STAGES = 100
_SYNTAX = re.compile(r"\s*#\s*syntax\s*=\s*(\S+)", re.IGNORECASE)
_DIRECTIVE = re.compile(r"\s*#\s*\w+\s*=")
_REFUSED = (
    (re.compile(r"--security[= ]insecure"), "--security=insecure is not allowed here"),
    (re.compile(r"--network[= ]host"), "--network=host is not allowed here"),
    (re.compile(r"^\s*LABEL\s.*\bminispaces\.", re.IGNORECASE), "labels that begin with `minispaces.` are reserved"),
)


@dataclass(frozen=True, slots=True)
class Gated:
    text: str
    warnings: tuple[str, ...] = ()


def read_dockerfile(checkout: Checkout) -> Gated:
    """Raises BuildError with the line."""
    if checkout.is_link("Dockerfile"):
        raise BuildError("The Dockerfile is a symbolic link; it must be a file.")
    raw = checkout.read("Dockerfile", limit=MAX_BYTES)
    if len(raw) > MAX_BYTES:
        raise BuildError(f"The Dockerfile is larger than {MAX_BYTES // 1000} kB.")
    try:
        return gate(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BuildError("The Dockerfile is not UTF-8 text.") from error


def gate(text: str) -> Gated:
    """Any line is looked at as if it were an instruction, those inside heredocs too: rather too strict than fooled."""
    stages = 0
    for number, line in _instructions(text):
        for pattern, words in _REFUSED:
            if pattern.search(line):
                raise BuildError(f"Dockerfile line {number}: {words}.")
        stages += line.lstrip().upper().startswith("FROM ")
    if stages == 0:
        raise BuildError("The Dockerfile has no FROM instruction; it must say which image to start from.")
    if stages > MAX_STAGES:
        raise BuildError(f"The Dockerfile has more than {MAX_STAGES} stages.")
    return _without_syntax(text)


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their number, continued ones joined to the first."""
    start, held = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        start = start if held else number
        if line.rstrip().endswith(("\\", "`")):
            held += line.rstrip()[:-1] + " "
            continue
        yield start, held + line
        held = ""
    if held:
        yield start, held


def _without_syntax(text: str) -> Gated:
    """A `# syntax=` line would make the engine fetch and run a program; BuildKit's own frontend does without."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if not _DIRECTIVE.match(line):
            break
        if found := _SYNTAX.match(line):
            lines[number] = "#\n"
            words = f"Dockerfile line {number + 1}: `syntax={found[1]}` is ignored; the engine's own syntax is used."
            return Gated("".join(lines), (words,))
    return Gated(text)
