"""What a README may say, and the words for what it may not (bad-input rows B1 to B18)."""

import time

import pytest

from minispaces_contract.states import Sdk
from minispaces_platform.spaces.config import read_config
from minispaces_platform.spaces.frontmatter import FrontMatterError


def readme(*lines: str) -> bytes:
    return "\n".join(["---", *lines, "---", "# Title"]).encode()


def words_of(content: bytes) -> str:
    with pytest.raises(FrontMatterError) as caught:
        read_config(content)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"---\nsdk: gradio\n", "never closed"),
        (b"---\ntitle: [1,\n---\n", "README.md line 3: YAML"),
        (b"---\n\ttitle: x\n---\n", "README.md line 2: YAML"),
        (readme("title: a", "title: b"), "README.md line 3: 'title' is given twice (first in line 2)"),
        (readme("a: &a [1]", "b: *a"), "aliases"),
        (readme("x: !!python/object/apply:os.system ['id']"), "unknown tag"),
        ("---\nsdk: gradio\n---".encode("utf-16"), "not UTF-8 (byte 0)"),
        (b"---\nsdk: gradio\ntitle: caf\xe9\n---", "not UTF-8 (byte 26)"),
        (b"---\n" + b"x" * 70_000 + b"\n---", "larger than 64 kB"),
        (readme("- a", "- b"), "must be a mapping"),
        (readme("just words"), "must be a mapping"),
        (readme("sdk: gradioo"), "unknown sdk 'gradioo'. Did you mean 'gradio'?"),
        (readme("sdk: [gradio]"), "sdk must be one value"),
        *[
            (readme(f"app_port: {port}"), "app_port must be 1-65535")
            for port in ("99999", "-1", "80;id", "7860.5", "true", "0")
        ],
        *[
            (readme(f"app_file: {path}"), "inside the repository")
            for path in ("../../etc/passwd", "/etc/passwd", "-c", "a/../../b")
        ],
        (readme("python_version: 3.1"), 'did you mean "3.10"'),
        *[(readme(f"python_version: {version}"), "must look like") for version in ("4", "3.9; id", "2.7")],
        *[
            (readme(f"sdk_version: {version}"), "must look like 4.44.1")
            for version in ("'>=4'", "'4.0; curl'", "$(id)")
        ],
        (readme("dependencies_as_of: yesterday"), "'sdk', 'latest' or a date"),
    ],
)
def test_what_is_wrong_is_said_in_words(content: bytes, words: str) -> None:
    assert words in words_of(content)


def test_a_bomb_is_refused_at_once() -> None:
    bombs = [
        b"---\n" + b"[" * 50_000 + b"\n---",
        readme("a: " + "{a: " * 100 + "1" + "}" * 100),
        readme(*["- x"] * 5000),
    ]
    for bomb in bombs:
        started = time.perf_counter()
        assert words_of(bomb)
        assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize("content", [None, b"", b"# Only a title", b"text\n---\nsdk: gradio\n---"])
def test_no_front_matter_is_no_error(content: bytes | None) -> None:
    assert read_config(content).app.sdk is None
    assert not read_config(content).found


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf---\r\nsdk: gradio\r\n---\r\n",
        b"<!--\n---\nsdk: gradio\n---\n-->",
        b"---\nsdk: gradio\n---",
        b"---  \nsdk: Gradio\n---  \n",
    ],
    ids=["bom-crlf", "in-a-comment", "no-newline-at-the-end", "blanks-and-capitals"],
)
def test_the_spellings_that_occur_in_the_wild_are_read(content: bytes) -> None:
    assert read_config(content).app.sdk is Sdk.GRADIO


def test_values_are_the_text_that_was_written() -> None:
    read = read_config(readme("sdk: gradio", "sdk_version: 4.0", "python_version: 3.10", "title: no", "app_port: 8080"))
    assert (read.app.sdk_version, read.app.python_version, read.card.title) == ("4.0", "3.10", "no")
    assert read.app.app_port == 8080


def test_decoration_falls_back_with_a_warning() -> None:
    read = read_config(
        readme("emoji: <img onerror>", "colorFrom: javascript", "title: " + "x" * 300, "short_description: \u202eevil")
    )
    assert read.card.color_from == "blue"
    assert read.card.title == "x" * 100
    assert read.card.short_description == "evil"
    assert len(read.app.warnings) == 4


@pytest.mark.parametrize("emoji", ["🚀", "👨‍👩‍👧‍👦", "🏴‍☠️", "❤️"])
def test_an_emoji_may_have_several_code_points(emoji: str) -> None:
    assert read_config(readme(f"emoji: {emoji}")).card.emoji == emoji


@pytest.mark.parametrize(("written", "seconds"), [("90s", 90), ("30m", 1800), ("1h", 3600), ("99d", 86400)])
def test_a_startup_timeout_is_a_duration_of_a_day_at_most(written: str, seconds: int) -> None:
    assert read_config(readme(f"startup_duration_timeout: {written}")).app.startup_seconds == seconds


@pytest.mark.parametrize(("said", "wanted"), [("true", True), ("false", False), ("maybe", False)])
def test_an_app_is_told_who_visits_only_when_it_asks(said, wanted):
    assert read_config(readme(f"identity_headers: {said}")).card.identity_headers is wanted
    assert not read_config(readme("sdk: gradio")).card.identity_headers
