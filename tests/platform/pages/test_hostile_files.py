"""Forty READMEs, notebooks and files that want to run something on the hub's pages: none of it is left to act."""

import base64
import json
import re
from html.parser import HTMLParser

import pytest

from minispaces_platform.files.highlighting import highlighted_all
from minispaces_platform.files.notebooks import read_notebook
from minispaces_platform.repos.changes import Put
from minispaces_platform.repos.readme import Bases, readme_html

MARKUP = [
    "<script>window.xss=1</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=window.xss=1>",
    "<img src='x' onerror='window.xss=1'/>",
    "<svg onload=window.xss=1>",
    "<svg><script>window.xss=1</script></svg>",
    "<svg><animate onbegin=window.xss=1 attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.xss=1>",
    "<iframe srcdoc='<script>parent.xss=1</script>'></iframe>",
    "<iframe src='javascript:parent.xss=1'></iframe>",
    "<object data='data:text/html,<script>window.xss=1</script>'></object>",
    "<embed src='javascript:window.xss=1'>",
    "<a href='javascript:window.xss=1'>x</a>",
    "<a href='java\tscript:window.xss=1'>x</a>",
    "<a href='&#106;avascript:window.xss=1'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>window.xss=1</script>'>x</a>",
    "[x](javascript:window.xss=1)",
    "[x](JaVaScRiPt&colon;window.xss=1)",
    "![x](javascript:window.xss=1)",
    "<form action='/logout' method=post><input type=submit></form>",
    "<button formaction='javascript:window.xss=1'>x</button>",
    "<input autofocus onfocus=window.xss=1>",
    "<details open ontoggle=window.xss=1>",
    "<video><source onerror=window.xss=1></video>",
    "<audio src=x onerror=window.xss=1>",
    "<body onload=window.xss=1>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example';*{display:none}</style>",
    "<p style='background:url(javascript:window.xss=1);position:fixed'>x</p>",
    "<base href='//evil.example/'>",
    "<meta http-equiv=refresh content='0;url=javascript:window.xss=1'>",
    "<template><script>window.xss=1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.xss=1>'>",
    "<div id=main class=topbar data-follow='/events' data-space=x>x</div>",
    "<xss autofocus tabindex=1 onfocus=window.xss=1>",
    "<textarea></textarea><script>window.xss=1</script>",
    "<!--><img src=x onerror=window.xss=1>-->",
    "</code></pre></div><script>window.xss=1</script>",
    "<img src=x:x onerror\n=window.xss=1>",
]
HARMLESS = re.findall(
    r"\w+",
    """a abbr acronym article aside b bdi bdo blockquote br caption center cite code col colgroup data dd del details
    dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img input ins kbd li mark nav ol p
    pre q rp rt rtc ruby s samp small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul
    var wbr""",
)
ATTRIBUTES = re.findall(
    r"\S+", "href title src alt width height type checked disabled class start align colspan rowspan rel aria-label"
)
ADDRESS = re.compile(
    r"(https?:|mailto:|data:image/(png|jpeg|gif|webp|svg\+xml);base64,|(?![a-z]+:)[^\s:]*)", re.IGNORECASE
)


class Acting(HTMLParser):
    """Collects whatever in a piece of HTML could act."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in HARMLESS:
            self.found.append(tag)
        for name, value in attrs:
            is_own = name in ATTRIBUTES and (name != "class" or re.fullmatch(r"[a-z0-9 +_#.-]*", value or ""))
            if not is_own or (name in {"href", "src"} and not ADDRESS.match(value or "")):
                self.found.append(f"{tag} {name}={value}")
            if name == "src" and "svg" in (value or "") and tag != "img":
                self.found.append(tag)

    handle_startendtag = handle_starttag


def acting(html: str) -> list[str]:
    parser = Acting()
    parser.feed(html)
    parser.close()
    return parser.found


def test_the_check_itself_finds_what_acts():
    assert acting("<p onclick=x><script>1</script><a href='javascript:1'>x</a><img src='data:text/html,x'>") == [
        "p onclick=x", "script", "a href=javascript:1", "img src=data:text/html,x",
    ]  # fmt: skip


def in_notebook(*texts: str) -> str:
    """Each as the text of every kind of cell and output."""
    cells = [cell for text in texts for cell in cells_of(text)]
    metadata = {"language_info": {"file_extension": texts[0]}}
    notebook = read_notebook(json.dumps({"cells": cells, "metadata": metadata}).encode())
    return "".join(str(piece) for cell in notebook.cells for piece in (cell.source, *cell.outputs))


def cells_of(text: str) -> list[dict[str, object]]:
    kinds = ("html", "markdown", "plain", "latex", "javascript")
    outputs = [{"output_type": "display_data", "data": {f"text/{kind}": [text]}} for kind in kinds]
    outputs += [{"output_type": "display_data", "data": {f"image/{kind}": text}} for kind in ("png", "svg+xml")]
    outputs += [
        {"output_type": "stream", "name": "stderr", "text": text},
        {"output_type": "error", "traceback": [text]},
    ]
    return [
        {"cell_type": kind, "source": text, "outputs": outputs, "execution_count": text}
        for kind in ("code", "markdown", "raw")
    ]


@pytest.mark.parametrize("source", MARKUP)
def test_no_readme_acts(source):
    bases = Bases("/spaces/ada/hello/blob/main/", "/spaces/ada/hello/raw/main/")
    table = f"- x\n\n> {source}\n\n| a |\n|---|\n| {source} |"
    for shown in (readme_html(source.encode(), bases=bases), readme_html(table.encode())):
        assert acting(shown) == [], shown


def test_no_notebook_acts():
    html = in_notebook(*MARKUP)
    assert html.count("window.xss") > len(MARKUP)
    assert acting(html) == []


def test_no_source_acts():
    pieces = tuple((name, source) for source in MARKUP for name in ("x.html", "x.py", "x.unknown"))
    html = "".join(line for lines in highlighted_all(pieces) for line in lines)
    assert "hl-" in html
    assert acting(html) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'{"cells": 5}',
        b'{"cells": [5, null, {}]}',
        b"[" * 100_000,
        b'{"cells": [{"cell_type": []}]}',
        b'{"cells": [{"cell_type": "code", "outputs": [{"output_type": "display_data", "data": {"image/png": {}}}]}]}',
        b'{"metadata": "x", "cells": [{"cell_type": "code", "source": [1, {}], "outputs": "x"}]}',
    ],
)
def test_what_is_no_notebook_is_shown_as_its_source(signed_in, world, ada, content, commit):
    commit(world.add_space(ada, "hello"), Put("x.ipynb", content + b" "))
    assert signed_in.get("/spaces/ada/hello/blob/main/x.ipynb").status_code == 200


def test_a_picture_of_a_notebook_is_a_picture_or_nothing():
    html = in_notebook(base64.b64encode(b"\x89PNG").decode())
    assert 'src="data:image/png;base64,iVBORw=="' in html
    assert "data:image/png" not in in_notebook('"onerror="x')
