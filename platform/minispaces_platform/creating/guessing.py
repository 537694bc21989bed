"""What an imported repository seems to be, in words for whoever imported it. The builder decides, and says so too."""

import re
import subprocess
from contextlib import suppress

from minispaces_platform.repos.quarantine import Quarantine
from minispaces_platform.spaces.config import read_config
from minispaces_platform.spaces.frontmatter import FrontMatterError

_MOST = 1 << 20
_LFS = " Its large files are kept by git LFS elsewhere, and came as pointers only."


def guess_sdk(room: Quarantine, tip: str) -> str:
    """One or two sentences."""
    listing = room.git("ls-tree", "-z", "--name-only", "--full-tree", "--end-of-options", tip)
    names = set(listing.decode(errors="replace").split("\0"))
    sdk = _sdk_in_words(_start(room, tip, "README.md"))
    words = f"README.md says: {sdk}." if sdk else _assumed(names, _start(room, tip, "app.py"))
    return words + (_LFS if b"filter=lfs" in _start(room, tip, ".gitattributes") else "")


def _sdk_in_words(readme: bytes) -> str:
    with suppress(FrontMatterError):
        if sdk := read_config(readme).app.sdk:
            return f"sdk {sdk}"
    return ""


def _assumed(names: set[str], program: bytes) -> str:
    reason = None
    if "Dockerfile" in names:
        reason = "docker", "there is a Dockerfile"
    elif found := re.search(rb"^\s*(?:import|from) (gradio|streamlit)\b", program, re.MULTILINE):
        reason = found[1].decode(), f"app.py imports {found[1].decode()}"
    elif "index.html" in names:
        reason = "static", "there is an index.html"
    if reason is None:
        return "README.md names no SDK, and no file gives one away: the build says what is missing."
    return f"README.md names no SDK; {reason[0]} is assumed, because {reason[1]}."


def _start(room: Quarantine, tip: str, path: str) -> bytes:
    """The file, if it is there and small enough to be read."""
    try:
        small = int(room.git("cat-file", "-s", f"{tip}:{path}")) <= _MOST
        return room.git("cat-file", "blob", f"{tip}:{path}") if small else b""
    except subprocess.CalledProcessError:
        return b""
