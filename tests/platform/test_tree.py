"""What a pushed tree may hold (bad-input rows B41 to B47)."""

import pytest

from minispaces_platform.repos.tree import TreeEntry, TreeError, check_symlink, check_tree, parse_tree

SHA = "a" * 40


def entry(path: bytes, *, mode: str = "100644", size: int = 1) -> TreeEntry:
    return TreeEntry(mode, SHA, size, path)


def check(*entries: TreeEntry) -> list[str]:
    return check_tree(list(entries), max_files=1000, max_file_mb=100)


def test_a_listing_is_read_as_git_writes_it() -> None:
    listing = f"100644 blob {SHA}      12\ta b\x00160000 commit {SHA}       -\tsub\0".encode()
    assert list(parse_tree(listing)) == [entry(b"a b", size=12), entry(b"sub", mode="160000", size=0)]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (entry(b"\xff\xfe"), "E_PATH_NAME"),
        (entry(b"a\nb"), "E_PATH_NAME"),
        (entry(b"a\x1b[2J"), "E_PATH_NAME"),
        (entry("a\u202eb".encode()), "E_PATH_NAME"),
        (entry(b"x" * 300), "E_PATH_NAME"),
        (entry(b"/".join([b"d"] * 100)), "E_PATH_NAME"),
        (entry(b"CON"), "E_PATH_NAME"),
        (entry(b"dir/nul.txt"), "E_PATH_NAME"),
        (entry(b"trailing "), "E_PATH_NAME"),
        (entry(b"sub", mode="160000"), "E_SUBMODULE"),
        (entry(b".gitmodules"), "E_SUBMODULE"),
        (entry(b"model.bin", size=101 << 20), "E_FILE_TOO_LARGE"),
        (entry(b"link", mode="120000", size=5000), "E_SYMLINK"),
    ],
)
def test_what_must_not_land_is_refused_by_code(bad: TreeEntry, code: str) -> None:
    with pytest.raises(TreeError) as caught:
        check(entry(b"app.py"), bad)
    assert caught.value.code == code
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("path", ["requirements (2).txt", "übung.py", "👨‍👩‍👧.png", "a.b/c-d_e", "console.py"])
def test_real_file_names_land(path: str) -> None:
    assert check(entry(path.encode())) == []


def test_too_many_files_are_refused() -> None:
    with pytest.raises(TreeError, match="more than 1,000 files"):
        check(*[entry(str(number).encode()) for number in range(1001)])


def test_names_that_are_one_file_elsewhere_are_a_warning() -> None:
    assert check(entry(b"Readme.md"), entry(b"README.md")) == ["Readme.md and README.md are one file on some systems"]


@pytest.mark.parametrize(
    "target", [b"/etc/passwd", b"../../x", b"../..", b"../.git/config", b"../../../../proc/self/environ"]
)
def test_a_link_out_of_the_tree_is_refused(target: bytes) -> None:
    with pytest.raises(TreeError, match="leads out of the repository"):
        check_symlink(b"dir/link", target)


@pytest.mark.parametrize("target", [b"other", b"..", b"../app.py", b"./x/../y"])
def test_a_link_within_the_tree_lands(target: bytes) -> None:
    check_symlink(b"dir/link", target)
