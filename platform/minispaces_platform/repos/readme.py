"""A repository's README as harmless HTML. Whoever pushes writes it: cut first, rendered next, sanitised last."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from urllib.parse import urljoin

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.tasklists import tasklists_plugin

MAX_BYTES = 256_000
"""The dearest README of that size (all one-letter paragraphs) takes some 4 s; an ordinary one of 20 kB 13 ms."""
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_RELATIVE = re.compile(r"(?![/#?\\])(?![A-Za-z][A-Za-z0-9+.-]*:)")
_TAGS = (nh3.ALLOWED_TAGS | {"input"}) - {"map", "area"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "input": {"type", "checked", "disabled"},
    "code": {"class"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
}


@dataclass(frozen=True, slots=True)
class Bases:
    """What relative addresses are relative to: links, and pictures."""

    links: str
    pictures: str


@lru_cache(64)
def readme_html(source: bytes, *, bases: Bases | None = None) -> Markup:
    """GitHub's Markdown without its front matter. Call it in a thread."""
    text = source[:MAX_BYTES].decode("utf-8", errors="replace")
    rendered = _markdown().render(_FRONT_MATTER.sub("", text, count=1))
    if len(source) > MAX_BYTES:
        rendered += "<p><em>The rest of this README is left out: it is longer than 256 kB.</em></p>"
    return Markup(  # noqa: S704 - the sanitiser's output is what may be trusted
        nh3.clean(
            rendered,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            set_tag_attribute_values={"input": {"aria-label": "Done"}},
            attribute_filter=partial(_keep, bases=bases),
            url_schemes={"http", "https", "mailto", "data"},
            link_rel="nofollow noopener",
        )
    )


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("gfm-like", {"maxNesting": 40}).use(tasklists_plugin)


def _keep(tag: str, attribute: str, value: str, *, bases: Bases | None) -> str | None:
    """Inputs are the boxes of task lists, classes name a code block's language, `data:` carries pictures only."""
    if value.lower().lstrip().startswith("data:") and (
        tag != "img" or not re.match(r"data:image/(png|jpeg|gif|webp);", value)
    ):
        return None
    if tag == "input" and (attribute, value) not in {
        ("type", "checkbox"),
        ("checked", "checked"),
        ("disabled", "disabled"),
        ("aria-label", "Done"),
    }:
        return None
    if attribute == "class" and not re.fullmatch(r"language-[\w+#.-]{1,30}", value):
        return None
    if bases and (tag, attribute) in {("a", "href"), ("img", "src")} and _RELATIVE.match(value):
        return urljoin(bases.links if tag == "a" else bases.pictures, value)
    return value
