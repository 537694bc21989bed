"""What people write in discussions, as harmless HTML: Markdown without HTML and pictures, `@name` linked. Pure."""

import re
from collections.abc import Collection, Iterator
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.tasklists import tasklists_plugin

MOST_MENTIONS = 20
_MENTION = re.compile(r"(?<![\w/@.-])@([A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)")
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "input", "li", "ol", "p",
    "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title", "class"}, "input": {"type", "checked", "disabled"}, "ol": {"start"}}


def mentions_in(text: str) -> list[str]:
    """Names after an `@` outside code and links, in lower case, each once; whether somebody has them is not known."""
    found = (name.lower() for token in _texts(_markdown().parse(text)) for name in _MENTION.findall(token.content))
    return list(dict.fromkeys(found))[:MOST_MENTIONS]


def comment_html(text: str, people: Collection[str] = ()) -> Markup:
    """`people` are the names, in lower case, that an `@` links."""
    tokens = _markdown().parse(text)
    _link_mentions(tokens, people)
    rendered = _markdown().renderer.render(tokens, _markdown().options, {})
    return Markup(  # noqa: S704 - the sanitiser's output is what may be trusted
        nh3.clean(
            rendered,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=_keep,
            url_schemes={"http", "https", "mailto"},
            link_rel="nofollow noopener",
        )
    )


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class" and value != "mention":
        return None
    return None if (tag, attribute) == ("input", "type") and value != "checkbox" else value


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("gfm-like", {"html": False, "breaks": True, "maxNesting": 20}).use(tasklists_plugin)


def _texts(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        links = 0
        for child in token.children or ():
            links += {"link_open": 1, "link_close": -1}.get(child.type, 0)
            if child.type == "text" and not links:
                yield child


def _link_mentions(tokens: list[Token], people: Collection[str]) -> None:
    for token in tokens:
        plain = {id(child) for child in _texts([token])}
        if token.children and plain:
            token.children = [
                part for child in token.children for part in (_split(child, people) if id(child) in plain else [child])
            ]


def _split(text: Token, people: Collection[str]) -> Iterator[Token]:
    """The text, with links where it names somebody."""
    reached = 0
    for found in _MENTION.finditer(text.content):
        if found[1].lower() not in people:
            continue
        yield _text(text.content[reached : found.start()])
        yield Token("link_open", "a", 1, attrs={"href": f"/{found[1]}", "class": "mention"})
        yield _text(found[0])
        yield Token("link_close", "a", -1)
        reached = found.end()
    yield _text(text.content[reached:])


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
