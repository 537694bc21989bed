"""READMEs as HTML."""

import pytest

from minispaces_platform.repos.readme import MAX_BYTES, readme_html


def test_what_people_write_on_github_is_shown():
    html = readme_html(
        b"---\ntitle: x\n---\n# Head\n\n- [x] done\n\n| a |\n|---|\n| b |\n\n```py\n1\n```\n<https://x.example>"
    )
    for shown in (
        "<h1>Head</h1>",
        'type="checkbox"',
        'aria-label="Done"',
        "<td>b</td>",
        'class="language-py"',
        'href="https://x.example"',
    ):
        assert shown in html
    assert "title: x" not in html


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '<a href="java&#115;cript:alert(1)">x</a>',
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=//evil.example></iframe>",
    "<form action=/logout method=post><button>x</button></form>",
    '<p style="position:fixed">x</p>',
    '<input type=submit formaction="/logout">',
    '<div class="topbar" id="main">x</div>',
    "<style>*{display:none}</style>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
    "<base href=//evil.example>",
    '<meta http-equiv="refresh" content="0;url=//evil.example">',
]
FORBIDDEN = [
    "<script",
    "onerror",
    "javascript:",
    "<iframe",
    "<form",
    "<button",
    "style=",
    "<style",
    "submit",
    "topbar",
    "data:",
]
FORBIDDEN += ["id=", "<base", "<meta", "formaction", "<svg"]


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_in_it_acts(source):
    unescaped = readme_html(source.encode()).replace("&lt;", "")
    tags = "".join(part.partition(">")[0] + ">" for part in ("x" + unescaped).split("<")[1:])
    assert [word for word in FORBIDDEN if word.strip("<") in tags] == []


def test_more_than_its_share_is_cut_and_says_so():
    html = readme_html(b"word " * (MAX_BYTES // 5) + b"the end")
    assert "the end" not in html
    assert "left out" in html


def test_bytes_that_are_no_text_are_shown_as_far_as_they_go():
    assert "caf" in readme_html(b"caf\xe9")


def test_deep_nesting_is_no_burden():
    assert readme_html(b"> " * 20_000 + b"x")
