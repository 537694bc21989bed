"""Logs go from Redis to disk when their build has ended; what Redis lost keeps no other log from there."""

from datetime import timedelta

import anyio
import pytest

from minispaces_contract.logstream import Kind
from minispaces_contract.states import BuildStatus
from minispaces_platform.builds import archive
from minispaces_platform.database import now
from minispaces_platform.janitor import QUICK_SWEEPS
from minispaces_platform.models.builds import Build


@pytest.fixture
def end(world, ada, parts):
    """A build that failed so long ago."""

    def end(name, *, hours=0):
        build = world.add_build(world.add_space(ada, name), BuildStatus.FAILED)
        with parts.database.writing() as session:
            session.get_one(Build, build.id).finished_at = now() - timedelta(hours=hours)
        return build

    return end


def sweep(parts):
    (sweep_logs,) = [each for each in QUICK_SWEEPS if each.__name__ == "_sweep_logs"]

    async def go():
        await sweep_logs(parts)
        await parts.redis.aclose()  # the next one runs in another loop

    anyio.run(go)


def waiting(parts):
    return [build_id for build_id, _ in archive.unarchived(parts)]


def test_a_log_that_has_ended_is_kept_on_disk(parts, world, end):
    world.write_build_log(build := end("one"), "oops")
    sweep(parts)
    assert waiting(parts) == [build.id]
    world.write_build_log(build, "failed", kind=Kind.END)
    sweep(parts)
    assert waiting(parts) == []
    assert [entry.text for entry in archive.read_log(archive.path_of(parts, build.id))] == ["oops", "failed"]


def test_what_redis_lost_is_not_waited_for(parts, world, end):
    lost, cut = end("lost", hours=2), end("cut", hours=2)
    world.write_build_log(cut, "and then")
    sweep(parts)
    assert waiting(parts) == []
    assert not archive.path_of(parts, lost.id).exists()
    assert [entry.text for entry in archive.read_log(archive.path_of(parts, cut.id))] == ["and then"]


def test_a_hundred_lost_logs_do_not_keep_a_new_one_waiting(parts, world, end, monkeypatch):
    monkeypatch.setattr(archive, "_AT_ONCE", 1)
    end("lost")
    world.write_build_log(new := end("new"), "failed", kind=Kind.END)
    sweep(parts)
    assert new.id not in waiting(parts)
