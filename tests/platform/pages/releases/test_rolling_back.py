"""Rollbacks: an old build runs again with what belonged to it, without being built, and the branch goes on."""

import pytest

from minispaces_contract.messages import Hardware
from minispaces_contract.states import InstanceStatus
from minispaces_platform.errors import ConflictError
from minispaces_platform.models.deployments import Cause


def test_the_version_before_serves_again_without_a_build(running):
    running.go_live()
    running.go_live()
    released = running.roll_back()
    assert (released.version, released.was, released.rebuilt_as) == (1, 2, None)
    assert (running.newest.id, running.newest.version) == (released.id, 1)
    assert running.deployment().cause is Cause.ROLLBACK


def test_twice_goes_back_twice(running):
    for _ in range(3):
        running.go_live()
    running.roll_back()
    running.report()
    assert running.roll_back().version == 1


def test_versions_that_never_went_live_are_passed_over(running):
    running.go_live()
    running.build(running.push(), error="no")
    running.go_live()
    running.report(InstanceStatus.FAILED, detail="out of memory")
    assert running.roll_back().version == 1


def test_there_is_nothing_to_undo_while_the_older_one_serves(running):
    running.go_live()
    running.go_live()
    running.build(running.push())
    running.report(InstanceStatus.FAILED, detail="it ended")
    with pytest.raises(ConflictError, match="Version 3 never went live"):
        running.roll_back()
    assert running.switch(1).version == 1


def test_the_first_version_has_none_before_it(running):
    running.go_live()
    with pytest.raises(ConflictError, match="No version before 1 was ever live"):
        running.roll_back()


def test_variables_secrets_and_hardware_of_then_come_back(running):
    running.go_live()
    running.set("MODEL", "small")
    running.set("KEY", "sk-old", secret=True)
    running.go_live()
    running.set("MODEL", "large")
    running.set("KEY", "sk-new", secret=True)
    running.set("LATER", "x")
    running.write(lambda _session, space: setattr(space, "hardware", Hardware(name="big", cpus=8)))
    running.go_live()
    running.roll_back()
    assert (running.newest.env["MODEL"], running.newest.env["KEY"]) == ("large", "sk-new")
    running.report()
    running.switch(1)
    assert (running.newest.env["MODEL"], running.newest.env["KEY"]) == ("small", "sk-old")
    assert "LATER" not in running.newest.env
    assert running.newest.hardware.name == "cpu-basic"
    assert "KEY" in running.newest.secrets


def test_a_secret_that_was_removed_comes_back_with_its_version(running):
    running.go_live()
    running.set("KEY", "sk-old", secret=True)
    running.go_live()
    running.remove("KEY")
    running.go_live()
    running.switch(1)
    assert running.newest.env["KEY"] == "sk-old"


def test_a_restart_keeps_what_was_restored_until_a_setting_changes(running):
    running.go_live()
    running.set("MODEL", "small")
    running.go_live()
    running.set("MODEL", "large")
    running.switch(1)
    running.report()
    running.write(lambda session, space: restart(session, running.parts, space))
    assert running.newest.env["MODEL"] == "small"
    running.report()
    running.set("OTHER", "x")
    assert (running.newest.env["MODEL"], running.newest.env["OTHER"]) == ("large", "x")
    assert (running.newest.version, running.deployment().cause) == (1, Cause.SETTINGS)


def restart(session, parts, space):
    from minispaces_platform.deployments.service import restart

    return restart(session, parts, space)


def test_the_next_push_goes_live_with_the_settings_of_now(running):
    running.go_live()
    running.set("MODEL", "small")
    running.go_live()
    running.set("MODEL", "large")
    running.switch(1)
    running.report()
    assert running.go_live() == 3
    assert (running.newest.version, running.newest.env["MODEL"]) == (3, "large")


def test_a_build_that_was_pushed_before_does_not_undo_it(running):
    running.go_live()
    running.go_live()
    late = running.push()
    running.roll_back()
    running.report()
    running.build(late)
    assert running.newest.version == 1
    assert "somebody rolled back meanwhile" in running.outcome(late)
    running.switch(3)
    assert (running.newest.version, running.deployment().cause) == (3, Cause.PROMOTE)


def test_what_serves_is_not_deployed_once_more(running):
    running.go_live()
    with pytest.raises(ConflictError, match="Version 1 is the one that serves"):
        running.switch(1)


def test_what_was_not_built_cannot_be_deployed(running):
    running.build(running.push(), error="no such package")
    with pytest.raises(ConflictError, match="Version 1 was not built: no such package"):
        running.switch(1)
