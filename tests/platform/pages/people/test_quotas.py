"""Quotas: what is new is refused with the numbers; nothing that is there goes."""

import random

import pytest

from minispaces_contract import logstream
from minispaces_contract.messages import AppConfig, Hardware
from minispaces_platform.builds import service as builds
from minispaces_platform.builds import turns
from minispaces_platform.database import now
from minispaces_platform.errors import ForbiddenError
from minispaces_platform.models.builds import Revision
from minispaces_platform.models.hardware import GpuMonth
from minispaces_platform.models.notices import Quota
from minispaces_platform.models.usage import SpaceUsage
from minispaces_platform.quotas.service import refuse_more
from minispaces_platform.repos.changes import Put
from minispaces_platform.repos.commits import RefusedError
from minispaces_platform.repos.sizes import bytes_on_disk, measure_unmeasured
from minispaces_platform.spaces.service import find_space


@pytest.fixture
def root(browser, world):
    return browser(world.add_user("root", admin=True))


def test_more_spaces_than_allowed_are_refused_with_the_numbers(root, ada, add_space):
    add_space(ada, "first")
    assert root.post("/admin/quotas", data={"owner": "ada", "spaces": "1"}).status_code == 303
    with pytest.raises(ForbiddenError, match="has 1 Spaces and may have 1"):
        add_space(ada, "second")
    root.post("/admin/quotas", data={"owner": "ada"})
    add_space(ada, "second")


def test_another_running_app_is_refused_and_a_new_version_of_one_is_not(root, world, ada, add_space, parts):
    world.add_live_space(ada, "first")
    add_space(ada, "second")
    root.post("/admin/quotas", data={"owner": "ada", "running": "1"})
    with parts.database.reading() as session:
        refuse_more(session, find_space(session, "ada", "first"))
        with pytest.raises(ForbiddenError, match="may have 1 in all"):
            refuse_more(session, find_space(session, "ada", "second"))


def test_what_was_stopped_starts_only_within_the_quota(root, world, ada):
    world.add_live_space(ada, "first")
    world.add_live_space(ada, "second")
    root.post("/spaces/ada/second/stop")
    root.post("/admin/quotas", data={"owner": "ada", "running": "1"})
    for verb in ("start", "restart"):
        answer = root.post(f"/spaces/ada/second/{verb}")
        assert (answer.status_code, "may have 1 in all" in answer.text) == (403, True)
    assert root.post("/spaces/ada/first/restart").status_code == 303


def test_a_change_in_the_browser_is_a_push_too(root, world, ada, commit):
    world.add_live_space(ada, "first")
    second = world.add_space(ada, "second")
    root.post("/admin/quotas", data={"owner": "ada", "running": "1"})
    with pytest.raises(ForbiddenError, match="may have 1 in all"):
        commit(second, Put("app.py", b""))


def test_who_takes_too_much_disk_pushes_nothing_more(root, world, ada, parts):
    space = world.add_live_space(ada, "first")
    with parts.database.writing() as session:
        session.add(
            SpaceUsage(space_id=space.id, at=now(), cpus=0, memory=0, memory_limit=0, disk=3 * 10**9, traffic=0)
        )
    root.post("/admin/quotas", data={"owner": "ada", "disk_gb": "2"})
    with (
        parts.database.reading() as session,
        pytest.raises(ForbiddenError, match="3 GB of disk and may take 2 GB"),
    ):
        refuse_more(session, find_space(session, "ada", "first"))


def allow_disk(parts, person, most):
    with parts.database.writing() as session:
        session.add(Quota(namespace_id=person.id, disk=most))


def test_a_push_that_brings_more_than_is_left_is_refused_and_leaves_nothing(world, ada, commit, parts):
    space = world.add_space(ada, "first")
    allow_disk(parts, ada, 1_000_000)
    before = bytes_on_disk(parts.store.create(space.id))
    with pytest.raises(RefusedError, match=r"This brings .+, and ada takes .+ of disk and may take 1 MB"):
        commit(space, Put("noise.bin", random.randbytes(2_000_000)))
    assert bytes_on_disk(parts.store.path(space.id)) == before
    commit(space, Put("small.txt", b"small"))


def test_what_repositories_take_counts_from_the_push_on(world, ada, commit, parts):
    space = world.add_space(ada, "first")
    commit(space, Put("noise.bin", random.randbytes(3_000_000)))
    allow_disk(parts, ada, 2_000_000)
    with parts.database.reading() as session, pytest.raises(ForbiddenError, match=r"take 3.* MB of disk"):
        refuse_more(session, find_space(session, "ada", "first"))


def test_repositories_from_before_are_measured_once(world, ada, commit, parts):
    space = world.add_space(ada, "first")
    commit(space, Put("noise.bin", random.randbytes(100_000)))
    world.change(space, repository_bytes=None)
    assert (measure_unmeasured(parts), measure_unmeasured(parts)) == (1, 0)
    with parts.database.reading() as session:
        assert find_space(session, "ada", "first").repository_bytes > 100_000


def test_hardware_that_would_have_too_much_memory_is_refused(root, world, ada, add_space, parts):
    world.add_live_space(ada, "first")
    add_space(ada, "second")
    root.post("/admin/quotas", data={"owner": "ada", "memory_gb": "7"})
    with parts.database.reading() as session:
        refuse_more(session, find_space(session, "ada", "first"))
        with pytest.raises(ForbiddenError, match="would have 8 GiB of memory and may have 7 GiB"):
            refuse_more(session, find_space(session, "ada", "second"))
    assert "4 GiB of 7 GiB" in root.get("/admin/quotas").text


def test_apps_with_gpus_are_refused_when_the_minutes_of_the_month_are_used(root, world, ada, add_space, parts):
    with parts.database.writing() as session:
        session.add(GpuMonth(namespace_id=ada.id, month=f"{now():%Y-%m}", seconds=601.0))
        session.add(GpuMonth(namespace_id=ada.id, month="2020-01", seconds=9e9))
    space = add_space(ada, "first")
    root.post("/admin/quotas", data={"owner": "ada", "gpu_minutes": "10"})
    refuse(parts, space, Hardware())
    with pytest.raises(ForbiddenError, match="used 10 GPU minutes this month and may use 10"):
        refuse(parts, space, Hardware(name="t4-small", gpus=1))


def refuse(parts, space, hardware):
    with parts.database.writing() as session:
        found = find_space(session, "ada", space.name)
        found.hardware = hardware
        refuse_more(session, found)


def test_builds_beyond_the_quota_wait_and_the_log_says_so(root, world, ada, parts):
    for name in ("first", "second"):
        world.add_space(ada, name)
    root.post("/admin/quotas", data={"owner": "ada", "builds": "1"})
    with parts.database.writing() as session:
        ids = [request(session, parts, world, name) for name in ("first", "second")]
    with parts.database.writing() as session:
        assert builds.claim(session, turns.next_build(session, ids[1])).build_id == ids[0]
        assert turns.next_build(session, ids[1]) is None
    turns.tell_place(parts, ids[1])
    lines = [fields[b"m"].decode() for _, fields in parts.redis_sync.xrange(logstream.build_log(ids[1]))]
    assert lines[-1] == "Waits for its turn: its owner may have 1 built at once (an administrator may allow more)"


def test_each_refusal_says_how_much_and_whom_to_ask(root, world, ada, parts):
    space = world.add_space(ada, "first")
    with parts.database.writing() as session:
        used = SpaceUsage(space_id=space.id, at=now(), cpus=0, memory=0, memory_limit=0, disk=3 * 10**9, traffic=0)
        session.add(used)
        session.add(GpuMonth(namespace_id=ada.id, month=f"{now():%Y-%m}", seconds=120.0))
    for field, most, words in (
        ("running", "0", "may have 0 in all"),
        ("memory_gb", "1", "may have 1 GiB"),
        ("disk_gb", "2", "may take 2 GB"),
        ("gpu_minutes", "1", "may use 1"),
    ):
        root.post("/admin/quotas", data={"owner": "ada", field: most})
        with pytest.raises(ForbiddenError, match=words) as refused:
            refuse(parts, space, Hardware(name="t4-small", gpus=1))
        assert "administrator of this installation" in refused.value.hint


def request(session, parts, world, name):
    space = find_space(session, "ada", name)
    revision = Revision(space_id=space.id, branch="main", commit="0" * 40, config=AppConfig())
    session.add(revision)
    return builds.request_build(session, parts, revision).id


def test_the_page_shows_what_is_used(root, ada, add_space):
    add_space(ada, "first")
    root.post("/admin/quotas", data={"owner": "ada", "spaces": "5"})
    assert "1 of 5" in root.get("/admin/quotas").text


@pytest.mark.parametrize("fields", [{"owner": "nobody-here", "spaces": "1"}, {"owner": "ada", "spaces": "many"}])
def test_nonsense_comes_back_with_words(root, ada, fields):
    answer = root.post("/admin/quotas", data=fields)
    assert answer.status_code in {404, 422}
    assert "Set a quota" in answer.text
