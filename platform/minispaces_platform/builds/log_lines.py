"""Log entries as harmless HTML: colours become classes, everything else is text. Pure."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape

from markupsafe import Markup

from minispaces_contract.logstream import Entry, Kind, clean

_SGR = re.compile(r"\x1b\[([0-9;:]*)m")
_STYLES = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}
_ENDS = {22: {"bold", "dim"}, 23: {"italic"}, 24: {"underline"}, 39: {f"fg-{n}" for n in range(16)}}
_EXTENDED = {5: 1, 2: 3}
"""How many numbers follow `38;5` (a palette's index) and `38;2` (red, green, blue)."""


def line_html(entry: Entry, *, began: float) -> Markup:
    """One line of the log, with the seconds since it began; empty for the entry that only ends a stream."""
    return Markup(_line(entry, began))  # noqa: S704 - escaped there


def lines_html(entries: Iterable[Entry], *, began: float | None = None, mark: str = "") -> Markup:
    """`mark` is what somebody searches for."""
    shown = list(entries)
    start = began if began is not None else shown[0].at if shown else 0
    marked = re.compile(f"({re.escape(mark)})", re.IGNORECASE) if mark else None
    return Markup("".join(_line(entry, start, marked) for entry in shown))  # noqa: S704 - escaped there


def text_html(text: str) -> Markup:
    """Text with SGR codes; unknown codes, and any other escape, vanish."""
    return Markup(_text(text))  # noqa: S704 - escaped there


def failing_lines(entries: Iterable[Entry], *, last: int = 15) -> list[Entry]:
    """What to look at first when a build failed: what was marked as an error, else its last lines."""
    shown = [entry for entry in entries if entry.kind is not Kind.END and entry.text.strip()]
    errors = [entry for entry in shown if entry.kind is Kind.ERROR]
    return (errors or shown)[-last:]


def words_of(entry: Entry) -> str:
    """What can be searched: without colours."""
    return _SGR.sub("", clean(entry.text)).replace("\x1b", "")


def matching(entries: Iterable[Entry], query: str) -> list[Entry]:
    wanted = query.casefold()
    return [entry for entry in entries if entry.kind is not Kind.END and wanted in words_of(entry).casefold()]


def _line(entry: Entry, began: float, marked: re.Pattern[str] | None = None) -> str:
    # Plain strings, not Markup.format, which is ten times slower: a log has thousands of lines.
    if entry.kind is Kind.END:
        return ""
    at = f"{max(0.0, entry.at - began):.1f}"
    return f'<div class="log-line log-{entry.kind}" data-at="{at}"><span>{_text(entry.text, marked)}</span></div>'


def _text(text: str, marked: re.Pattern[str] | None = None) -> str:
    return "".join(_span(part, styles, marked) for part, styles in _runs(clean(text)) if part)


def _runs(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    styles: frozenset[str] = frozenset()
    pieces = _SGR.split(text)  # text, codes, text, codes, ..., text
    for position, piece in enumerate(pieces):
        if position % 2:
            styles = _after(styles, piece)
        else:
            yield piece.replace("\x1b", ""), styles


def _span(text: str, styles: frozenset[str], marked: re.Pattern[str] | None) -> str:
    shown = _mark(text, marked) if marked else escape(text)
    if not styles:
        return shown
    return f'<span class="{" ".join(f"sgr-{name}" for name in sorted(styles))}">{shown}</span>'


def _mark(text: str, marked: re.Pattern[str]) -> str:
    """What is found across a change of colours is shown, only not marked."""
    pieces = enumerate(marked.split(text))
    return "".join(f"<mark>{escape(piece)}</mark>" if at % 2 else escape(piece) for at, piece in pieces)


@lru_cache(1024)
def _after(styles: frozenset[str], codes: str) -> frozenset[str]:
    numbers = iter([int(code or 0) for code in codes.replace(":", ";").split(";") if len(code) < 4])  # noqa: PLR2004
    for code in numbers:
        if code in {38, 48}:  # a colour of the large palettes: ours has sixteen, so only step over it
            for _ in range(_EXTENDED.get(next(numbers, 0), 0)):
                next(numbers, None)
            continue
        styles = _one(styles, code)
    return styles


def _one(styles: frozenset[str], code: int) -> frozenset[str]:
    if code == 0:
        return frozenset()
    if code in _STYLES:
        return styles | {_STYLES[code]}
    if colour := _colour(code):
        return frozenset({name for name in styles if not name.startswith("fg-")} | {colour})
    return styles - _ENDS.get(code, set())


def _colour(code: int) -> str | None:
    if 30 <= code <= 37:  # noqa: PLR2004 - ECMA-48's eight colours
        return f"fg-{code - 30}"
    return f"fg-{code - 82}" if 90 <= code <= 97 else None  # noqa: PLR2004 - and their bright forms, 8 to 15
