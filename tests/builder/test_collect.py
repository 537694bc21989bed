"""Garbage collection of bundles and environments."""

import os
import time

import pytest

from minispaces_builder.collect import collect_bundles, collect_environments
from minispaces_builder.environments import COMPLETE, locked
from minispaces_contract.disk import is_full

NOW = time.time()
OLD = NOW - 7200


@pytest.fixture
def make(tmp_path):
    def folder(name, *, age_from=OLD):
        path = tmp_path / name
        (path / "app").mkdir(parents=True)
        (path / COMPLETE).touch()
        for one in (path / COMPLETE, path):
            os.utime(one, (age_from, age_from))
        return path

    return folder


def test_only_old_bundles_that_nothing_uses_go(make, tmp_path):
    used, fresh, unused = make("bundles/s/1"), make("bundles/s/2", age_from=NOW), make("bundles/t/3")
    collect_bundles(tmp_path, frozenset({"bundles/s/1"}), before=NOW - 3600)
    assert [path.exists() for path in (used, fresh, unused, unused.parent)] == [True, True, False, False]


def test_only_environments_that_no_build_used_lately_go(make, tmp_path):
    used, fresh, unused = make("environments/a"), make("environments/b", age_from=NOW), make("environments/c")
    collect_environments(tmp_path, frozenset({"environments/a"}), before=NOW - 3600)
    assert [path.exists() for path in (used, fresh, unused)] == [True, True, False]


def test_an_environment_that_a_build_holds_stays(make, tmp_path):
    held = make("environments/a")
    with locked(held):
        collect_environments(tmp_path, frozenset(), before=NOW - 3600)
    assert held.exists()


@pytest.mark.parametrize(
    ("free_gb", "total_gb", "refused"), [(1, 10, True), (3, 10, False), (3, 100, True), (25, 1000, False)]
)
def test_a_nearly_full_disk_refuses_builds(free_gb, total_gb, refused):
    assert is_full(int(free_gb * 1e9), int(total_gb * 1e9), floor_gb=2) is refused
