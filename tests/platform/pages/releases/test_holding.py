"""Held deploys: new versions of the default branch are previews until somebody promotes them."""

from minispaces_contract.states import BuildStatus
from minispaces_platform.spaces.queries import find_now


def test_a_held_version_waits_and_is_promoted_without_a_build(running):
    running.go_live()
    running.hold()
    build = running.push()
    running.build(build)
    assert running.newest.version == 1
    assert "held: it goes live when somebody promotes it" in running.outcome(build)
    released = running.switch(2)
    assert (running.newest.id, released.rebuilt_as) == (released.id, None)
    with running.parts.database.reading() as session:
        assert find_now(session, running.space_id).build.status is BuildStatus.SUCCEEDED


def test_the_first_version_of_a_space_that_holds_waits_too(running):
    running.hold()
    running.build(running.push())
    assert [spec.on_demand for spec in running.world.deployments] == [True]


def test_without_the_hold_the_next_version_goes_live(running):
    running.go_live()
    running.hold()
    running.build(running.push())
    running.hold(holds=False)
    assert running.go_live() == 3
    assert running.newest.version == 3


def test_a_version_that_was_never_live_takes_the_settings_of_now(running):
    running.go_live()
    running.hold()
    running.build(running.push())
    running.set("MODEL", "large")
    running.switch(2)
    assert running.newest.env["MODEL"] == "large"


def test_a_preview_of_another_branch_can_be_promoted(running):
    running.go_live()
    running.build(running.push("feature"))
    running.switch(2)
    running.report()
    assert running.newest.version == 2
    assert running.go_live() == 3


def test_a_push_is_told_which_one_superseded_it(running):
    older = running.push()
    running.push("feature")
    running.push()
    assert running.outcome(older) == "Version 1 (aaaaaa1) was not built: superseded by version 3."
    assert running.build_of(2).status is BuildStatus.QUEUED
