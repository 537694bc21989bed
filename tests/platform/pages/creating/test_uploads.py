"""Uploads: folders, files and zip archives, the hostile ones too."""

import io
import stat
import zipfile

import pytest
from sqlalchemy import select

from minispaces_platform.creating import archives
from minispaces_platform.models.spaces import Space

from .conftest import zipped

README = "---\nsdk: static\n---\n"


def test_a_zip_of_one_folder_is_unpacked_without_it(make, files_of):
    packed = zipped({"demo-main/README.md": README, "demo-main/a/b.txt": "hello", "demo-main/.git/config": "x"})
    assert make("upload", files=[("demo.zip", packed)]).status_code == 303
    assert files_of("mine") == {"README.md": README, "a/b.txt": "hello"}


def test_a_folder_comes_with_its_paths(make, files_of):
    make("upload", files=[("demo/index.html", b"<p>hi"), ("demo/css/a.css", b"p{}"), ("demo/.DS_Store", b"x")])
    assert files_of("mine") == {"index.html": "<p>hi", "css/a.css": "p{}"}


def test_front_matter_that_cannot_be_read_leaves_no_space(make, parts):
    answer = make("upload", files=[("README.md", b"---\nsdk: nonsense\n---\n")])
    assert (answer.status_code, "Unknown sdk" in answer.text) == (422, True)
    with parts.database.reading() as session:
        assert session.scalar(select(Space.id)) is None
    assert [path for path in parts.store.root.glob("*.git") if path != parts.store.empty] == []


LINK = {"external_attr": (stat.S_IFLNK | 0o777) << 16}
TWICE = io.BytesIO()
with zipfile.ZipFile(TWICE, "w") as archive, pytest.warns(UserWarning):
    archive.writestr("a.txt", "1")
    archive.writestr("a.txt", "2")


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        pytest.param(zipped({"../../evil.txt": "x"}), "no path in a repository", id="up and away"),
        pytest.param(zipped({"/etc/cron.d/x": "x"}), "no path in a repository", id="from the root"),
        pytest.param(zipped({"a\\..\\..\\b": "x"}), "no path in a repository", id="backslashes"),
        pytest.param(zipped({"a/.GIT/hooks/x": "x"}), "no path in a repository", id="git's own"),
        pytest.param(zipped({"link": "/etc/passwd"}, **LINK), "is a link", id="a link"),
        pytest.param(zipped({"a": "x"}).replace(b"PK\x01\x02", b"PK\x01\x03"), "cannot be read", id="a torn directory"),
        pytest.param(zipped({"a": "x"})[:-30], "no zip archive", id="cut off"),
        pytest.param(TWICE.getvalue(), "twice", id="one path twice"),
        pytest.param(b"hello", "no zip archive", id="no archive"),
        pytest.param(b"PK\x05\x06" + b"\0" * 8 + b"\xff" * 4 + b"\0" * 6, "too many files", id="too many"),
        pytest.param(
            b"PK\x06\x07" + b"\0" * 16 + b"PK\x05\x06" + b"\0" * 18, "too many files", id="too many for 32 bits"
        ),
    ],
)
def test_a_hostile_archive_is_refused_in_words(make, parts, packed, words):
    answer = make("upload", files=[("evil.zip", packed)])
    assert answer.status_code == 422
    assert words in answer.text
    with parts.database.reading() as session:
        assert session.scalar(select(Space.id)) is None


def test_an_encrypted_archive_is_refused(make):
    packed = bytearray(zipped({"a": "x"}))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    assert "has a password" in make("upload", files=[("a.zip", bytes(packed))]).text


def test_a_bomb_ends_when_its_allowance_is_spent(make, monkeypatch):
    monkeypatch.setattr(archives, "_FREE_BYTES", 1 << 20)
    bomb = zipped({f"{n}.bin": b"\0" * (8 << 20) for n in range(3)})
    assert len(bomb) < 100_000
    assert "unpacks to far more" in make("upload", files=[("bomb.zip", bomb)]).text


def test_too_many_entries_are_refused(make, monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", 3)
    assert "More than 3 files" in make("upload", files=[("a.zip", zipped({str(n): "" for n in range(4)}))]).text


def test_what_was_executable_stays_so(make, parts):
    run = {"external_attr": (stat.S_IFREG | 0o755) << 16}
    make("upload", files=[("a.zip", zipped({"run.sh": "#!/bin/sh\n", "b": ""}, **run))])
    import subprocess

    with parts.database.reading() as session:
        path = parts.store.path(session.scalars(select(Space)).one().id)
    listing = subprocess.run(["git", "--git-dir", path, "ls-tree", "main"], capture_output=True, text=True, check=True)
    assert listing.stdout.count("100755") == 2
