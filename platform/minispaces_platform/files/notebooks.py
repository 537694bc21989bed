"""Jupyter notebooks as harmless HTML, outputs included. Everything in one is hostile: sized, parsed, sanitised last."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any, Literal

import nh3
from markupsafe import Markup, escape

from minispaces_platform.builds.log_lines import text_html
from minispaces_platform.files.highlighting import highlighted_all
from minispaces_platform.repos.readme import Bases, readme_html

CELLS_MAX = 500
OUTPUTS_MAX = 50
TEXT_MAX = 50_000
"""Characters of one cell or output."""
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
_TABLE_TAGS = nh3.ALLOWED_TAGS - {"area", "img", "map"}
_TABLE_ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "a": {"href", "title"}}


class NotebookError(Exception):
    """It cannot be read; the words say why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """`number` is the execution count, empty where it never ran."""

    kind: Literal["markdown", "code", "raw"]
    source: Markup
    number: str = ""
    outputs: tuple[Markup, ...] = ()


@dataclass(frozen=True, slots=True)
class Notebook:
    cells: tuple[Cell, ...]
    language: str
    is_cut: bool


def read_notebook(content: bytes, *, bases: Bases | None = None) -> Notebook:
    """Raises NotebookError. Call it in a thread."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise NotebookError("This is no notebook: it is not JSON.") from None
    cells = _list(_dict(document).get("cells"))
    if not cells and _list(_dict(document).get("worksheets")):
        raise NotebookError("This notebook is of an old format (nbformat 3). Open and save it in Jupyter once.")
    metadata = _dict(_dict(document).get("metadata"))
    language = str(_dict(metadata.get("language_info")).get("file_extension") or ".py")[:10]
    shown = [_dict(cell) for cell in cells[:CELLS_MAX]]
    sources = [_text(cell.get("source")) for cell in shown]
    codes = highlighted_all(tuple((f"cell{language}", source) for source in sources))
    made = (
        _cell(cell, source, Markup("\n").join(code), bases)
        for cell, source, code in zip(shown, sources, codes, strict=True)
    )
    return Notebook(tuple(made), language, is_cut=len(cells) > CELLS_MAX)


def _cell(cell: dict[str, Any], source: str, code: Markup, bases: Bases | None) -> Cell:
    match cell.get("cell_type"):
        case "markdown":
            return Cell("markdown", readme_html(source.encode(errors="replace"), bases=bases))
        case "code":
            outputs = _list(cell.get("outputs"))[:OUTPUTS_MAX]
            count = cell.get("execution_count")
            number = str(count) if isinstance(count, int) else ""
            return Cell("code", code, number[:6], tuple(filter(None, map(_output, outputs))))
        case _:
            return Cell("raw", escape(source))


def _output(output: Any) -> Markup:
    output = _dict(output)
    match output.get("output_type"):
        case "stream":
            tone = "error" if output.get("name") == "stderr" else "out"
            return Markup('<pre class="output output-{}">{}</pre>').format(tone, text_html(_text(output.get("text"))))
        case "error":
            trace = _text([f"{line}\n" for line in _list(output.get("traceback"))[:200]])
            return Markup('<pre class="output output-error">{}</pre>').format(text_html(trace))
        case "execute_result" | "display_data":
            return _richest(_dict(output.get("data")))
        case _:
            return Markup()


def _richest(data: dict[str, Any]) -> Markup:
    """A picture, else a table or other plain HTML, else text. Scripts and widgets are left to Jupyter."""
    for media in _PICTURES:
        if media in data and (picture := _picture(media, data[media])):
            return picture
    if html := _text(data.get("text/html")):
        return _html(html)
    if markdown := _text(data.get("text/markdown")):
        return Markup('<div class="output prose">{}</div>').format(readme_html(markdown.encode(errors="replace")))
    text = _text(data.get("text/latex")) or _text(data.get("text/plain"))
    return Markup('<pre class="output">{}</pre>').format(text_html(text)) if text else Markup()


def _picture(media: str, data: Any) -> Markup:
    """As `data:`, where not even an SVG can run anything."""
    text = _text(data, most=8_000_000)
    if media == "image/svg+xml":
        text = base64.b64encode(text.encode(errors="replace")).decode()
    text = re.sub(r"\s", "", text)
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return Markup()
    address = f"data:{media};base64,{text}"
    return Markup('<p class="output"><img src="{}" alt="Output of the cell"></p>').format(address)


def _html(html: str) -> Markup:
    clean = nh3.clean(
        html,
        tags=_TABLE_TAGS,
        attributes=_TABLE_ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="nofollow noopener",
        clean_content_tags={"script", "style", "svg", "math", "template", "iframe", "object", "noscript", "title"},
    )
    return Markup('<div class="output prose">{}</div>').format(Markup(clean))  # noqa: S704 - the sanitiser's output


def _text(value: Any, *, most: int = TEXT_MAX) -> str:
    """A multiline string, which a notebook may keep as a list of lines."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    if not isinstance(value, str):
        return ""
    return value if len(value) <= most else f"{value[:most]}\n… the rest is left out"


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
