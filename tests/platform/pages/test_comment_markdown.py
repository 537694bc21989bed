"""Comments in Markdown: harmless whatever is in them, and `@name` leads to people who are there."""

from html.parser import HTMLParser

import pytest

from minispaces_platform.discussions.markdown import MOST_MENTIONS, comment_html, mentions_in

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://tracker.example/pixel.png)",
    "[click](javascript:alert(1))",
    "[click](data:text/html,<script>alert(1)</script>)",
    "<a href='x' style='position:fixed'>x</a>",
    "<svg onload=alert(1)>",
    "<iframe src=//evil.example></iframe>",
    '[x](https://a.example "onmouseover=alert(1)")',
    "@ada<script>alert(1)</script>",
]


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name == "href"]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_runs_or_loads_is_left(text):
    found = Tags(comment_html(text, {"ada"}))
    assert found.tags <= {"p", "a"}
    assert found.attributes <= {"href", "title", "rel", "class"}
    assert [each for each in found.addresses if not each.startswith(("https://", "/ada"))] == []


def test_a_mention_is_a_link_to_somebody_who_is_there():
    html = comment_html("Hello @Ada, and @nobody", {"ada"})
    assert '<a href="/Ada" class="mention"' in html
    assert "@nobody" in html
    assert html.count("<a ") == 1


@pytest.mark.parametrize(
    "text", ["`@ada`", "```\n@ada\n```", "mail ada@ada.example", "[@ada](https://a.example)", "x/@ada"]
)
def test_code_addresses_and_links_mention_nobody(text):
    assert mentions_in(text) == []
    assert "mention" not in comment_html(text, {"ada"})


def test_names_count_once_whatever_their_case_and_up_to_a_limit():
    assert mentions_in("@Ada @ada, @grace.") == ["ada", "grace"]
    assert len(mentions_in(" ".join(f"@user{number}" for number in range(50)))) == MOST_MENTIONS


def test_lists_tables_and_task_lists_are_drawn():
    html = comment_html("- [x] done\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    assert 'type="checkbox"' in html
    assert "<table>" in html


def test_deep_nesting_ends():
    assert len(comment_html(">" * 5000 + " deep")) < 20_000
