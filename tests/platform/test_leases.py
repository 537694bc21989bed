"""Builds are held by a lease: a dead builder loses it, a late report changes nothing, three attempts are all."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import redis
import time_machine
from support.git import WorkingTree
from support.waiting import wait_for

from minispaces_contract.client import LeaseLostError
from minispaces_contract.messages import AppConfig, BuildReport
from minispaces_contract.states import BuildStatus
from minispaces_platform.accounts import service as accounts
from minispaces_platform.builds import service as builds
from minispaces_platform.builds.kept import keep_artifacts
from minispaces_platform.database import now
from minispaces_platform.errors import ConflictError
from minispaces_platform.janitor import record_unrecorded_tips, resend_builds
from minispaces_platform.migrate import migrate
from minispaces_platform.models import Build
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.parts import Parts, open_parts
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.service import create_space

from .conftest import Hub


@dataclass
class Queue:
    """A platform's parts without its web server, and one Space to build."""

    parts: Parts
    space_id: str

    def push(self, commit: str = "a" * 40) -> str:
        pushed = builds.Pushed(commit, "main", "Ada", "Change", AppConfig(), SpaceCard())
        with self.parts.database.writing() as session:
            space = session.get_one(builds.Space, self.space_id)
            return builds.record_push(session, self.parts, space, pushed).id

    def claim(self, build_id: str) -> int | None:
        with self.parts.database.writing() as session:
            spec = builds.claim(session, build_id)
        return spec.attempt if spec else None

    def status(self, build_id: str) -> BuildStatus:
        with self.parts.database.reading() as session:
            return session.get_one(Build, build_id).status

    def report(self, build_id: str, attempt: int, status: BuildStatus = BuildStatus.FAILED) -> None:
        with self.parts.database.writing() as session:
            builds.finish(
                session, self.parts, BuildReport(build_id=build_id, attempt=attempt, status=status, error="no")
            )


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    """Redis is away: the database alone must be enough."""
    parts = open_parts(PlatformSettings(data=tmp_path, redis_url="unix:///nowhere.sock"))
    migrate(parts.database)
    with parts.database.writing() as session:
        space = create_space(session, accounts.add_user(session, "ada"), "hello")
    yield Queue(parts, space.id)
    parts.database.dispose()


def test_one_builder_gets_the_build(queue: Queue) -> None:
    build = queue.push()
    assert (queue.claim(build), queue.claim(build)) == (1, None)


def test_a_lost_lease_is_queued_again_and_the_late_report_changes_nothing(queue: Queue) -> None:
    build = queue.push()
    queue.claim(build)
    with time_machine.travel(now() + builds.LEASE + timedelta(seconds=1)):
        resend_builds(queue.parts)
        assert queue.claim(build) == 2
        with pytest.raises(ConflictError):
            queue.report(build, attempt=1)
        assert queue.status(build) is BuildStatus.BUILDING


def test_a_heartbeat_keeps_the_lease(queue: Queue) -> None:
    build = queue.push()
    queue.claim(build)
    with time_machine.travel(now() + builds.LEASE / 2), queue.parts.database.writing() as session:
        builds.heartbeat(session, build, attempt=1)
    with time_machine.travel(now() + builds.LEASE * 1.4):
        resend_builds(queue.parts)
    assert queue.status(build) is BuildStatus.BUILDING


def test_the_third_lost_lease_is_a_failure_in_words(queue: Queue) -> None:
    build = queue.push()
    for attempt in (1, 2, 3):
        with time_machine.travel(now() + (builds.LEASE * 2) * attempt):
            assert queue.claim(build) == attempt
        with time_machine.travel(now() + (builds.LEASE * 2) * attempt + builds.LEASE + timedelta(seconds=1)):
            resend_builds(queue.parts)
    assert queue.claim(build) is None
    with queue.parts.database.reading() as session:
        assert "the builder died 3 times" in str(session.get_one(Build, build).error)


def test_a_report_that_comes_twice_is_one_report(queue: Queue) -> None:
    build = queue.push()
    queue.claim(build)
    queue.report(build, attempt=1)
    queue.report(build, attempt=1)
    assert queue.status(build) is BuildStatus.FAILED


def test_a_newer_push_supersedes_what_still_waits(queue: Queue) -> None:
    older, newer = queue.push(), queue.push("b" * 40)
    assert (queue.status(older), queue.status(newer)) == (BuildStatus.CANCELLED, BuildStatus.QUEUED)
    assert queue.claim(older) is None


def test_versions_count_up_per_space(queue: Queue) -> None:
    ids = [queue.push(str(number) * 40) for number in range(3)]
    with queue.parts.database.reading() as session:
        assert [session.get_one(Build, build).version for build in ids] == [1, 2, 3]
        assert keep_artifacts(session, versions=5).bundles == ()


def test_a_queued_build_is_sent_again_when_redis_forgot_it(hub: Hub, tmp_path: Path) -> None:
    user = f"u{uuid.uuid4().hex[:10]}"
    tree = WorkingTree(tmp_path, hub.remote(user, hub.add_user(user), f"{user}/hello"))
    tree.begin()
    tree.commit({"app.py": ""})
    import subprocess

    with subprocess.Popen(["git", "push", "--quiet", tree.remote, "main"], cwd=tmp_path) as pushing:
        spec = hub.next_build(f"{user}/hello")
        hub.redis.delete("builds")
        with pytest.raises(LeaseLostError):
            hub.builder.heartbeat(spec.build_id, spec.attempt + 1)
        hub.finish(spec, error="enough")
        pushing.wait(30)


def test_a_tip_without_a_row_is_built(hub: Hub, tmp_path: Path) -> None:
    """What is left when the platform dies between git's refs and our rows."""
    user = f"u{uuid.uuid4().hex[:10]}"
    token = hub.add_user(user)
    parts = open_parts(hub.settings)
    with parts.database.writing() as session:
        space = create_space(session, accounts.get_user(session, user), "hello")
    path = parts.store.create(space.id)
    tree = WorkingTree(tmp_path / "work", str(path))
    tree.begin()
    commit = tree.commit({"README.md": "---\nsdk: static\n---\n"})
    tree.push()  # straight into the repository: no hook of ours, no row
    record_unrecorded_tips(parts)
    with parts.database.reading() as session:
        assert wait_for(lambda: hub.next_build(f"{user}/hello")).commit == commit
    assert token


def test_a_missing_redis_is_said_to_nobody(queue: Queue) -> None:
    with pytest.raises(redis.RedisError):
        queue.parts.redis_sync.ping()
    assert queue.push()
