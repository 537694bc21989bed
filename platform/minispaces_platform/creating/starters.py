"""The starter templates: small apps of our own, each a folder."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from minispaces_platform.errors import InvalidError
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.repos.changes import Put
from minispaces_platform.spaces.config import read_config

NAMES = ("gradio", "chat", "streamlit", "static", "fastapi")
LABELS = {"gradio": "Gradio", "chat": "Chat", "streamlit": "Streamlit", "static": "Static page", "fastapi": "FastAPI"}
_TITLE = re.compile(r"^title: .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Starter:
    name: str
    label: str
    card: SpaceCard


def source() -> Path:
    """Beside the package in an installed wheel, under deploy/ in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "starters"
    return installed if installed.exists() else package.parents[1] / "deploy" / "starters"


@cache
def starters() -> tuple[Starter, ...]:
    return tuple(
        Starter(name, LABELS[name], read_config((source() / name / "README.md").read_bytes()).card) for name in NAMES
    )


def files_of(starter: str, *, title: str) -> list[Put]:
    """The first commit, under the new Space's own title. Raises InvalidError."""
    if starter not in NAMES:
        raise InvalidError(f"There is no template {starter[:40]!r}.", hint=f"Choose one of {', '.join(NAMES)}.")
    folder = source() / starter
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    contents = {name: path.read_bytes() for name, path in files.items() if "__pycache__" not in name}
    contents["README.md"] = _titled(contents["README.md"], title)
    return [Put(name, content) for name, content in contents.items()]


def title_for(name: str) -> str:
    """`my-first_demo` -> `My first demo`."""
    words = re.sub(r"[-_.]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def _titled(readme: bytes, title: str) -> bytes:
    return _TITLE.sub(lambda _: f"title: {json.dumps(title)}", readme.decode(), count=1).encode()
