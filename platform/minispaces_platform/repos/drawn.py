"""A Space's README as HTML, kept beside its repository: starting git and drawing it takes longer than all the page.

One for each Space, and gone with it. What it was made of stands in its first line; another commit, another name of
the Space or other code than then, and it is made anew.
"""

import hashlib
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile

from markupsafe import Markup

from minispaces_platform.repos import readme
from minispaces_platform.repos.reading import GitError, Repository, SlowError, ask
from minispaces_platform.repos.readme import MAX_BYTES, Bases, readme_html

_MADE_BY = ("nh3", "markdown-it-py", "mdit-py-plugins")


def drawn_readme(repository: Repository, commit: str, *, bases: Bases) -> Markup:
    """That of `commit`, empty where it has none. Call it in a thread."""
    path = repository.store.path(repository.space_id) / "readme.html"
    made_of = hashlib.sha256(repr((_code(), commit, bases)).encode()).hexdigest()
    if (kept := _kept(path, made_of)) is not None:
        return kept
    try:
        source = ask(repository, "cat-file", "blob", f"{commit}:README.md", most=MAX_BYTES + 1).data
    except (GitError, SlowError):
        return Markup()
    html = readme_html(source, bases=bases)
    _keep(path, f"{made_of}\n{html}")
    return html


def _kept(path: Path, made_of: str) -> Markup | None:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return Markup(file.read()) if file.readline().rstrip("\n") == made_of else None  # noqa: S704 - our own
    except OSError:
        return None


def _keep(path: Path, text: str) -> None:
    """Whole or not at all; a full disk, or a repository that is gone, keeps nothing."""
    with suppress(OSError):
        with NamedTemporaryFile(
            "w", dir=path.parent, prefix="readme-", delete=False, encoding="utf-8", newline=""
        ) as file:
            file.write(text)
        Path(file.name).replace(path)


@cache
def _code() -> str:
    drawing = hashlib.sha256(Path(readme.__file__).read_bytes()).hexdigest()
    return " ".join([drawing, *map(version, _MADE_BY)])
