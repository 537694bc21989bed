"""A git that is killed leaves its locks behind, and with them a branch that nobody could change again."""

import os
import time

import pytest

from minispaces_platform.actors import actor_of_user
from minispaces_platform.errors import ConflictError
from minispaces_platform.repos.changes import Put
from minispaces_platform.repos.commits import commit
from minispaces_platform.spaces.service import get_space


@pytest.fixture
def make(parts, world, ada):
    """Commit as ada."""
    world.add_space(ada, "hello")

    def make(content):
        with parts.database.reading() as session:
            space, actor = get_space(session, "ada", "hello"), actor_of_user(session, ada)
        return commit(parts, space, actor, [Put("app.py", content)], message="Change it")

    return make


@pytest.fixture
def lock(parts, make):
    make(b"first")
    (repository,) = parts.store.root.glob("[!.]*.git")
    path = repository / "refs/heads/main.lock"
    path.touch()
    return path


def test_a_lock_from_before_the_hub_started_is_taken_away(make, lock):
    os.utime(lock, (time.time() - 86_400,) * 2)
    assert make(b"second").commit
    assert not lock.exists()


def test_a_lock_that_somebody_may_hold_is_respected(make, lock):
    with pytest.raises(ConflictError):
        make(b"second")
    assert lock.exists()
