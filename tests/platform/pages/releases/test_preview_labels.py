"""Labels of previews: whatever a branch is called, DNS takes it, and no two mean the same."""

import re

import pytest

from minispaces_platform.releases.labels import branch_label, commit_label

LONG = "a" * 57


@pytest.mark.parametrize(
    ("branch", "label"),
    [
        ("dark-mode", "dark-mode--ada-hello"),
        ("feature/Dark_Mode", "feature-dark-mode--ada-hello"),
        ("v1.2", "v1-2--ada-hello"),
        ("___", r"[0-9a-f]{6}--ada-hello"),
        ("xn", r"xn-[0-9a-f]{6}--ada-hello"),
        ("deadbeef", r"deadbeef-[0-9a-f]{6}--ada-hello"),
        ("x" * 200, r"x{40,}-[0-9a-f]{6}--ada-hello"),
    ],
)
def test_a_branch_is_readable_where_it_can_be(branch, label):
    assert re.fullmatch(label, branch_label(branch, "ada-hello"))


@pytest.mark.parametrize("branch", ["a", "xn", "feature/dark_mode", "x" * 200, "-", "main", "a.b/c", "abcdef1"])
@pytest.mark.parametrize("host_label", ["ada-hello", LONG])
def test_every_label_is_one_of_dns_and_of_no_space(branch, host_label):
    for label in (branch_label(branch, host_label), branch_label(branch, host_label, taken=True)):
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label)
        assert label[2:4] != "--"
        assert "--" in label


def test_commits_of_long_names_keep_apart():
    one, other = commit_label("a" * 40, LONG), commit_label("a" * 40, LONG[:-1] + "b")
    assert one != other
    assert len(one) <= 63
    assert one.startswith("aaaaaaa--")


def test_a_taken_name_gets_a_mark():
    assert branch_label("feat-a", "ada-hello", taken=True) != branch_label("feat/a", "ada-hello", taken=True)
