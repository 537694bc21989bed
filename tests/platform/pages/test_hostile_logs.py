"""Apps and builds print what they like: a page shows it, searched or not, and a file holds it, and nothing happens."""

import re

import pytest

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "handler": '"><img src=x onerror=alert(1)>',
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "colour around a tag": "\x1b[31m<scr\x1b[0mipt>alert(1)</script>",
    "sgr as an attribute": '\x1b[31;"onmouseover=alert(1) x="m red',
    "clipboard": "\x1b]52;c;ZXZpbA==\x07pasted",
    "title": "\x1b]0;owned\x07title",
    "link": "\x1b]8;;javascript:alert(1)\x1b\\click\x1b]8;;\x1b\\",
    "erase": "secret\x1b[2K\x1b[1A\x1b[2Jall clear",
    "device control": '\x1bP$q"p\x1b\\reply',
    "c1 controls": "\x9b31mred\x9d0;x\x9cdone",
    "carriage return": "real error\rall good",
    "bidi": "admin\u202e\u2066txt.exe",
    "many colours": "\x1b[31m" * 3_000 + "x",
    "one long line": "<" * 40_000,
    "nul and bell": "a\x00b\x07c",
    "unfinished escape": "end\x1b[38;5",
}
_OURS = re.compile(r'<(?:div|span)(?: (?:class|data-at)="[a-z0-9. -]*")*>|</(?:div|span|mark)>|<mark>')
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def lines_of(page: str) -> str:
    return page.split('<div class="log-lines" translate="no">')[1].split("</div>\n")[0]


@pytest.fixture
def build(world, ada):
    return world.add_build(world.add_space(ada, "hello"))


@pytest.mark.parametrize("query", ["", "?q=a"])
def test_only_our_own_markup_reaches_the_page(signed_in, world, build, query):
    world.write_build_log(build, *(f"a {text} a" for text in HOSTILE.values()))
    shown = lines_of(signed_in.get(f"/spaces/ada/hello/logs{query}").text)
    assert shown.count('<div class="log-line ') == len(HOSTILE)
    assert "<" not in _OURS.sub("", shown)
    assert not _CONTROLS.search(shown)


def test_the_file_holds_no_control_sequence_and_no_page(signed_in, world, build):
    world.write_build_log(build, *HOSTILE.values())
    answer = signed_in.get("/spaces/ada/hello/logs.txt")
    assert len(answer.text.splitlines()) == len(HOSTILE)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not _CONTROLS.search(answer.text)


def test_whatever_is_searched_is_taken_as_it_is(signed_in, world, build):
    for query in ["<b>", '"', ".*", "(", "\\", "%00", "é", "a" * 200]:
        world.write_build_log(build, f"before {query} after", "another line")
        answer = signed_in.get("/spaces/ada/hello/logs", params={"q": query})
        assert answer.status_code == 200
        assert "<mark>" in lines_of(answer.text)
        assert "another line" not in answer.text


def test_a_search_says_how_many_lines_it_found_and_does_not_follow(signed_in, world, build):
    world.write_build_log(build, "Installing Torch", "torch 2.1", "done")
    page = signed_in.get("/spaces/ada/hello/logs?q=TORCH").text
    assert "<strong>2</strong> lines hold" in page
    assert "Installing <mark>Torch</mark>" in page
    assert "data-follow" not in page
