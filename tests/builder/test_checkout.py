"""A commit's tar stream becomes a folder, and nothing outside of it."""

import io
import tarfile

import pytest

from minispaces_builder import checkout
from minispaces_builder.checkout import unpack
from minispaces_builder.errors import BuildError

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n"


def member(name, content=b"", **facts):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for fact, value in facts.items():
        setattr(info, fact, value)
    return info, content


def stream(*members, chunk=1000):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    raw = buffer.getvalue()
    return (raw[start : start + chunk] for start in range(0, len(raw), chunk))


def test_files_keep_content_folder_and_whether_they_are_programs(tmp_path):
    files = [member("app.py", b"x" * 5000), member("bin/run", b"#!", mode=0o4777), member("a b/ü.txt", b"hi")]
    found = unpack(stream(*files), tmp_path / "out")
    assert found.names == {"app.py", "bin/run", "a b/ü.txt"}
    assert (tmp_path / "out/app.py").read_bytes() == b"x" * 5000
    modes = {name: (tmp_path / "out" / name).stat().st_mode & 0o7777 for name in found.names}
    assert modes == {"app.py": 0o644, "bin/run": 0o755, "a b/ü.txt": 0o644}


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", ".."])
def test_a_name_that_leads_outside_is_refused(tmp_path, name):
    with pytest.raises(BuildError, match="leads outside"):
        unpack(stream(member(name, b"x")), tmp_path / "deep/out")
    assert list(tmp_path.rglob("x")) == []


@pytest.mark.parametrize(
    "links",
    [
        [("link", "/etc/passwd")],
        [("link", "../../../etc/passwd")],
        [("deep/up", ".."), ("link", "deep/up/../../secret")],
        [("deep/here", "../"), ("deep/link", "here/../secret")],
    ],
)
def test_a_link_that_leads_outside_is_refused_also_through_others(tmp_path, links):
    (tmp_path / "secret").write_text("s")
    members = [member(name, type=tarfile.SYMTYPE, linkname=target) for name, target in links]
    with pytest.raises(BuildError, match="symbolic link that leads outside"):
        unpack(stream(*members), tmp_path / "out")


def test_links_inside_the_repository_are_kept_and_nothing_is_written_through_them(tmp_path):
    link = member("data", type=tarfile.SYMTYPE, linkname="real")
    found = unpack(stream(link, member("real/x", b"1")), tmp_path / "out")
    assert (tmp_path / "out/data/x").read_bytes() == b"1"
    assert found.is_link("data")


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.LNKTYPE])
def test_devices_pipes_and_hard_links_are_refused(tmp_path, kind):
    with pytest.raises(BuildError, match="neither a file"):
        unpack(stream(member("x", type=kind, linkname="y")), tmp_path / "out")


@pytest.mark.parametrize(("limit", "words"), [("MAX_FILES", "more than 2 files"), ("MAX_BYTES", "larger than")])
def test_too_much_is_refused(tmp_path, monkeypatch, limit, words):
    monkeypatch.setattr(checkout, limit, 2)
    with pytest.raises(BuildError, match=words):
        unpack(stream(member("a", b"1"), member("b", b"2"), member("c", b"3")), tmp_path / "out")


def test_lfs_pointers_are_named(tmp_path):
    found = unpack(stream(member("model.bin", POINTER), member("app.py", b"version")), tmp_path / "out")
    assert found.lfs_pointers == ("model.bin",)


def test_a_stream_that_breaks_off_is_said_in_words(tmp_path):
    half = list(stream(member("a", b"x" * 50_000)))[:10]
    with pytest.raises(BuildError, match="did not arrive whole"):
        unpack(iter(half), tmp_path / "out")


def test_a_stopped_build_stops_unpacking(tmp_path):
    def stop():
        raise BuildError("stopped")

    with pytest.raises(BuildError, match="stopped"):
        unpack(stream(member("a", b"x")), tmp_path / "out", check=stop)
