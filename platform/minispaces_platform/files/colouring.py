"""A program of its own, `python -m minispaces_platform.files.colouring`: texts in, Pygments' HTML out, as JSON.

Lexers are regular expressions over what anybody pushed. One that runs away holds its interpreter: it must not be the
hub's. Imports nothing of ours, so that it starts quickly.
"""

import json
import sys

from pygments import highlight, lexers
from pygments.formatters.html import HtmlFormatter
from pygments.util import ClassNotFound

lexers.find_plugin_lexers = tuple  # nothing installed beside it has a say, and looking for that takes the longest


def colour(name: str, text: str) -> str | None:
    """The formatter escapes, and closes its spans at the end of each line. None for a language nobody knows."""
    try:
        lexer = lexers.get_lexer_for_filename(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    return str(highlight(text, lexer, HtmlFormatter(nowrap=True, classprefix="hl-")))


if __name__ == "__main__":
    json.dump([colour(name, text) for name, text in json.load(sys.stdin)], sys.stdout)
