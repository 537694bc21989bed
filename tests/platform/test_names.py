"""Names of people, Spaces and branches (bad-input rows B32 to B35, B76, B77)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minispaces_platform.errors import InvalidError
from minispaces_platform.names import check_name, host_label, is_branch_name


@pytest.mark.parametrize("name", ["ada", "Ada_L", "a", "hello.world", "x" * 63, "7", "TRELLIS.2"])
def test_a_plain_name_is_taken(name: str) -> None:
    assert check_name(name, what="Space") == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "admin", "API", "static", "-a", "a-", "a--b", "xn--x", "x" * 64, "а", "🚀", "a b", "%2f", "a.git",
     "con", "a/b", "a\n", "$(id)", "a..b", "_a"],
)  # fmt: skip
def test_a_name_that_could_mean_something_else_is_refused(name: str) -> None:
    with pytest.raises(InvalidError):
        check_name(name, what="Space")


@pytest.mark.parametrize("name", ["main", "feature/x-1", "v1.0", "_x", "release_2"])
def test_a_plain_branch_is_taken(name: str) -> None:
    assert is_branch_name(name)


@pytest.mark.parametrize(
    "name",
    ["main;id", "$(id)", "`id`", "a${IFS}b", "a|b", "a'b", "--upload-pack=x", "-h", "HEAD", "head", "@", "refs/heads/x",
     "a\u202eb", "🚀", "a..b", "a.lock", "a/.b", "a//b", "a/", "/a", "x" * 201, "", "a/-b", "a b"],
)  # fmt: skip
def test_a_branch_that_a_shell_or_git_could_misread_is_refused(name: str) -> None:
    assert not is_branch_name(name)


def test_hosts_of_twins_differ() -> None:
    assert host_label("a-b", "c") == host_label("a", "b-c")
    assert host_label("a-b", "c", taken=True) != host_label("a", "b-c", taken=True)


_NAMES = st.from_regex(re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", re.ASCII), fullmatch=True)


@given(_NAMES, _NAMES, st.booleans())
def test_every_label_is_a_dns_label_with_room_for_a_port(owner: str, name: str, taken: bool) -> None:
    label = host_label(owner, name, taken=taken)
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", label)
    assert len(f"{label}--7887") <= 63
    assert "--" not in label
