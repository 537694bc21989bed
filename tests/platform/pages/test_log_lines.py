"""Log lines as HTML."""

import re

from hypothesis import given
from hypothesis import strategies as st

from minispaces_contract.logstream import Entry, Kind
from minispaces_platform.builds.log_lines import failing_lines, line_html, text_html


def test_colours_become_classes_and_end_where_they_end():
    assert text_html("a\x1b[1;31mb\x1b[22mc\x1b[0md") == (
        'a<span class="sgr-bold sgr-fg-1">b</span><span class="sgr-fg-1">c</span>d'
    )


def test_bright_colours_and_a_new_colour_replace_the_old():
    assert text_html("\x1b[32ma\x1b[94mb") == '<span class="sgr-fg-2">a</span><span class="sgr-fg-12">b</span>'


def test_a_colour_of_the_large_palettes_is_stepped_over():
    assert text_html("\x1b[38;5;1mx\x1b[38;2;1;4;3my\x1b[48;5;9mz") == "xyz"


def test_clipboard_titles_and_cursor_movements_vanish():
    assert text_html("\x1b]52;c;ZXZpbA==\x07a\x1b[2Jb\x1b[10;10Hc\x1b") == "abc"


def test_a_line_says_how_long_after_the_first_it_came():
    entry = Entry(Kind.HEADER, "Installing", 12.34)
    assert line_html(entry, began=10) == (
        '<div class="log-line log-header" data-at="2.3"><span>Installing</span></div>'
    )


def test_an_error_is_what_failed_else_the_last_lines():
    lines = [Entry(Kind.LINE, "one", 0), Entry(Kind.ERROR, "two", 0), Entry(Kind.LINE, "three", 0)]
    assert [entry.text for entry in failing_lines(lines)] == ["two"]
    assert [entry.text for entry in failing_lines([lines[0], lines[2], Entry(Kind.END, "failed", 0)])] == [
        "one",
        "three",
    ]


@given(st.text(alphabet=st.sampled_from("\x1b[]0123456789;:m<>&\"'abc\x07\r\n\u202e"), max_size=60))
def test_whatever_is_printed_is_harmless(text):
    html = str(text_html(text))
    assert re.sub(r'<span class="(sgr-[a-z0-9-]+ ?)+">|</span>', "", html).count("<") == 0
    assert not re.search("[\x1b\x07\r\u202e]", html)
