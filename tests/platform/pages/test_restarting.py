"""Restart, stop and start: what should run afterwards, and what people and the runner are told."""

import pytest
from sqlalchemy import select

from minispaces_contract.messages import InstanceReport
from minispaces_contract.states import InstanceStatus, Stage
from minispaces_platform.database import now
from minispaces_platform.deployments import service
from minispaces_platform.deployments.world import desired_world
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.spaces.queries import find_now


@pytest.fixture
def space(world, ada):
    return world.add_live_space(ada, "hello")


def stage_of(parts, space) -> Stage:
    with parts.database.reading() as session:
        return find_now(session, space.id).stage


def wanted(parts) -> list[str]:
    """What the runner is told to run, oldest first."""
    with parts.database.reading() as session:
        return [spec.id for spec in desired_world(session, parts.settings).deployments]


def report(parts, deployment_id: str, status: InstanceStatus) -> None:
    with parts.database.writing() as session:
        service.record_instance(
            session, parts, InstanceReport(deployment_id=deployment_id, status=status, detail="No key.", at=now())
        )


def test_a_restart_starts_the_same_version_beside_the_old_one(signed_in, parts, space):
    assert signed_in.post("/spaces/ada/hello/restart").headers["location"] == "/spaces/ada/hello"
    _, new = wanted(parts)
    assert stage_of(parts, space) is Stage.RUNNING_APP_STARTING
    report(parts, new, InstanceStatus.RUNNING)
    assert wanted(parts) == [new]
    assert stage_of(parts, space) is Stage.RUNNING


def test_a_stopped_app_says_so_until_it_is_started(signed_in, parts, space):
    signed_in.post("/spaces/ada/hello/stop", data={"back": "settings"})
    assert (wanted(parts), stage_of(parts, space)) == ([], Stage.PAUSED)
    with parts.database.reading() as session:
        (route,) = desired_world(session, parts.settings).routes
    assert (route.stopped, route.deployment_id) == (True, None)
    signed_in.post("/spaces/ada/hello/start")
    assert stage_of(parts, space) is Stage.APP_STARTING


def test_a_version_that_did_not_start_is_tried_again(signed_in, parts, world, space):
    failing = world.add_deployment(world.add_build(space), InstanceStatus.STARTING)
    report(parts, failing.id, InstanceStatus.FAILED)
    assert stage_of(parts, space) is Stage.RUNTIME_ERROR
    signed_in.post("/spaces/ada/hello/restart")
    with parts.database.reading() as session:
        assert [spec.version for spec in desired_world(session, parts.settings).deployments] == [1, 2]


def test_what_somebody_stopped_stays_stopped_when_its_settings_change(signed_in, parts, space):
    signed_in.post("/spaces/ada/hello/stop")
    with parts.database.writing() as session:
        assert service.restart_if_wanted(session, parts, space) is None
    assert wanted(parts) == []


def test_each_is_written_down_once(signed_in, parts, space):
    for verb in ("stop", "stop", "start", "start", "restart"):
        assert signed_in.post(f"/spaces/ada/hello/{verb}").status_code == 303
    with parts.database.reading() as session:
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert [action for action in actions if action.startswith("space.")] == [
        "space.stop",
        "space.start",
        "space.restart",
    ]


def test_an_empty_space_has_nothing_to_restart(signed_in, parts, world, ada):
    world.add_space(ada, "empty")
    assert signed_in.post("/spaces/ada/empty/restart").status_code == 303
    assert wanted(parts) == []
