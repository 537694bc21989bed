"""Source text as harmless HTML, one piece per line, with Pygments' classes. What is hidden in it is shown."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from minispaces_platform.wording import visible

COLOURED_MAX = 200_000
"""Characters; longer texts, and those with very long lines, are shown plain."""
SECONDS = 3.0
"""For all colours of a page. What is not done by then is shown plain."""
_LINE_MAX = 2_000
_PROGRAM = (sys.executable, "-I", "-m", "minispaces_platform.files.colouring")
_ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONIOENCODING": "utf-8"}

Lines = tuple[Markup, ...]


def highlighted(name: str, text: str) -> Lines:
    return highlighted_all(((name, text),))[0]


@lru_cache(64)
def highlighted_all(pieces: tuple[tuple[str, str], ...]) -> tuple[Lines, ...]:
    """Each a file's name and its text. One child for all of them."""
    shown = [(name, visible(text.replace("\r\n", "\n").replace("\r", "\n"))) for name, text in pieces]
    tame = sum(len(text) for _, text in shown) <= COLOURED_MAX and all(_has_short_lines(text) for _, text in shown)
    coloured = _coloured(shown) if tame else [None] * len(shown)
    return tuple(
        tuple(escape(line) for line in _lines(text)) if html is None else tuple(Markup(line) for line in _lines(html))  # noqa: S704 - the formatter escapes
        for (_, text), html in zip(shown, coloured, strict=True)
    )


def _coloured(pieces: Sequence[tuple[str, str]]) -> list[str | None]:
    """None for what has no colours: its language is unknown, or it took too long."""
    try:
        answer = subprocess.run(
            _PROGRAM, input=json.dumps(pieces), capture_output=True, check=True, timeout=SECONDS, env=_ENVIRONMENT,
            text=True, encoding="utf-8",
        )  # fmt: skip
    except subprocess.SubprocessError:
        return [None] * len(pieces)
    return list(json.loads(answer.stdout))


def _has_short_lines(text: str) -> bool:
    return max(map(len, text.split("\n")), default=0) <= _LINE_MAX


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []
