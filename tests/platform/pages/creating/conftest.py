"""Short ways to make Spaces as the forms do."""

import io
import subprocess
import zipfile
from collections.abc import Callable

import pytest
from sqlalchemy import select

from minispaces_platform.models.spaces import Space
from minispaces_platform.repos.landing import tip_of


@pytest.fixture
def make(signed_in) -> Callable:
    """Posts the form of /new-space."""

    def make(start="static", name="mine", *, files=(), **fields):
        form = {"owner": "ada", "name": name, "visibility": "public", "hardware": "cpu-basic", "start": start, **fields}
        uploads = [("files", (path, content)) for path, content in files] or [("files", ("", b""))]
        return signed_in.post("/new-space", data=form, files=uploads)

    return make


@pytest.fixture
def files_of(parts) -> Callable[[str], dict[str, str]]:
    """What is in a Space's repository, mode and content by path."""

    def git(space: Space, *argv: str) -> str:
        command = ["git", "--git-dir", str(parts.store.path(space.id)), *argv]
        return subprocess.run(command, env=parts.store.environment, check=True, capture_output=True, text=True).stdout

    def files_of(name: str) -> dict[str, str]:
        with parts.database.reading() as session:
            space = session.scalars(select(Space).where(Space.name == name)).one()
        tip = tip_of(parts.store, space.id, "main")
        names = git(space, "ls-tree", "-r", "--name-only", tip).split("\n")[:-1] if tip else []
        return {path: git(space, "show", f"{tip}:{path}") for path in names}

    return files_of


def zipped(files: dict[str, bytes | str], **attributes: int) -> bytes:
    """A zip archive; `attributes` are set on every entry."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)
            entry.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in attributes.items():
                setattr(entry, attribute, value)
            archive.writestr(entry, content)
    return made.getvalue()
