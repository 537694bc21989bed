"""Source text as harmless HTML, one piece per line, with Pygments' classes. What is hidden in it is shown."""

import time
from collections.abc import Iterator
from functools import lru_cache
from io import StringIO

from markupsafe import Markup, escape
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.token import _TokenType
from pygments.util import ClassNotFound

from minispaces_platform.wording import visible

COLOURED_MAX = 200_000
"""Characters; longer texts, and those with very long lines, are shown plain: lexers are regular expressions."""
_LINE_MAX = 2_000
_SECONDS = 1.0


class _TooSlowError(Exception):
    pass


@lru_cache(32)
def highlighted(name: str, text: str) -> tuple[Markup, ...]:
    """Lines. Call it in a thread."""
    shown = visible(text.replace("\r\n", "\n").replace("\r", "\n"))
    lexer = _lexer(name) if _is_tame(shown) else None
    if lexer is None:
        return tuple(escape(line) for line in _lines(shown))
    html = StringIO()  # the formatter closes its spans at the end of each line
    try:
        HtmlFormatter(nowrap=True, classprefix="hl-").format(_in_time(lexer, shown), html)
    except _TooSlowError:
        return tuple(escape(line) for line in _lines(shown))
    return tuple(Markup(line) for line in _lines(html.getvalue()))  # noqa: S704 - the formatter escapes


def _in_time(lexer: Lexer, text: str) -> Iterator[tuple[_TokenType, str]]:
    ends = time.monotonic() + _SECONDS
    for number, token in enumerate(lexer.get_tokens(text)):
        if number % 64 == 0 and time.monotonic() > ends:
            raise _TooSlowError
        yield token


def _lexer(name: str) -> Lexer | None:
    try:
        return get_lexer_for_filename(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _is_tame(text: str) -> bool:
    return len(text) <= COLOURED_MAX and max(map(len, text.split("\n")), default=0) <= _LINE_MAX


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []
