"""Dockerfiles for the builder inside Docker 20.10, which knows neither heredocs nor `COPY --link`.

It cannot be given a newer syntax: a `# syntax=` line fetches a program and runs it.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from minispaces_builder.errors import BuildError

_OPENING = re.compile(r"""(?:^|(?<=\s))\d*<<(-?)(["']?)([A-Za-z_][\w.-]*)\2(?=\s|$)""")
_RUN = re.compile(r"RUN\s+((?:--\S+\s+)*)(.*)", re.IGNORECASE | re.DOTALL)
_COPY = re.compile(r"(?:COPY|ADD)\s", re.IGNORECASE)
_SHELL = re.compile(r"SHELL\s+(\[[^\[\]]*\])\s*$", re.IGNORECASE)
_LINK = re.compile(r"(?<=\s)--link(?:=\S+)?\s+")
_DEFAULT_SHELL = ("/bin/sh", "-c")


@dataclass(frozen=True, slots=True)
class _Instruction:
    """`text` is one line, or more where a backslash continues it; `body` are the lines of its heredocs."""

    number: int
    text: str
    body: tuple[str, ...] = ()


def for_old_builder(dockerfile: str) -> str:
    """The same image, and every instruction on its old line. Raises BuildError."""
    shell: tuple[str, ...] = _DEFAULT_SHELL
    lines = []
    for instruction in _instructions(dockerfile.splitlines()):
        head = instruction.text.lstrip()
        if found := _SHELL.match(head):
            shell = _words(found[1]) or shell
        elif head.upper().startswith("FROM "):
            shell = _DEFAULT_SHELL
        lines.append(_rewritten(instruction, head, shell))
    return "".join(f"{line}\n" for line in lines)


def _words(array: str) -> tuple[str, ...]:
    """Empty for what is no JSON: the builder says so in its own words."""
    with suppress(ValueError):
        return tuple(map(str, json.loads(array)))
    return ()


def _rewritten(instruction: _Instruction, head: str, shell: tuple[str, ...]) -> str:
    if _COPY.match(head) and instruction.body:
        raise BuildError(
            f"Dockerfile line {instruction.number}: a heredoc after {head[:4].strip()} needs Docker 23 or newer, and "
            "this server's is older. Put the text into a file of the repository and copy that."
        )
    if _COPY.match(head):
        return _LINK.sub("", instruction.text)
    run = _RUN.match(head)
    if run is None or not instruction.body:
        return "\n".join([instruction.text, *instruction.body])
    words = json.dumps([*shell, _script(run[2], instruction.body)])
    return f"RUN {run[1]}{words}" + "\n" * (instruction.text.count("\n") + len(instruction.body))


def _script(command: str, body: tuple[str, ...]) -> str:
    """What the shell is given: the heredoc as it stands, or only its text where that is the whole command."""
    command = command.replace("\\\n", "")
    opening = _OPENING.fullmatch(command.strip())
    if opening is None:
        return "\n".join([command, *body, ""])
    lines = [line.lstrip("\t") for line in body] if opening[1] else body
    return "\n".join([*lines[:-1], ""])


def _instructions(lines: list[str]) -> Iterator[_Instruction]:
    """Comments and blank lines count as instructions of their own."""
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and _continues(lines[end - 1]):
            end += 1
        text = "\n".join(lines[at:end])
        stop = _end_of_bodies(text, lines, end)
        yield _Instruction(at + 1, text, tuple(lines[end:stop]))
        at = stop


def _continues(line: str) -> bool:
    return line.rstrip().endswith("\\") and not line.lstrip().startswith("#")


def _end_of_bodies(text: str, lines: list[str], start: int) -> int:
    """The line after the last heredoc that `text` opens; `start` where it opens none or one that never ends."""
    if not (_RUN.match(text.lstrip()) or _COPY.match(text.lstrip())):
        return start
    at = start
    for opening in _OPENING.finditer(text):
        end = next((n for n in range(at, len(lines)) if _closes(lines[n], opening)), None)
        if end is None:
            return start
        at = end + 1
    return at


def _closes(line: str, opening: re.Match[str]) -> bool:
    return (line.lstrip("\t") if opening[1] else line) == opening[3]
