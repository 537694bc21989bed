"""What the collector may take: never what runs, is a rollback target, or has a preview."""

import random

import pytest
from sqlalchemy import select

from minispaces_contract.states import DesiredState
from minispaces_platform.builds.kept import keep_artifacts
from minispaces_platform.models.deployments import Configuration, Deployment


@pytest.fixture
def parts(parts):
    parts.settings.kept_previews = 1
    return parts


def kept(running, versions=2):
    with running.parts.database.writing() as session:
        return set(keep_artifacts(session, versions=versions).bundles)


def artifacts(running, *versions):
    return {f"bundles/{running.build_of(version).id}" for version in versions}


def test_the_newest_good_versions_stay(running):
    for _ in range(4):
        running.go_live()
    running.build(running.push(), error="no")
    assert kept(running) == artifacts(running, 3, 4)


def test_a_version_that_runs_stays_however_old(running):
    for _ in range(4):
        running.go_live()
    running.switch(1)
    running.report()
    assert kept(running) == artifacts(running, 1, 3, 4)


def test_what_is_held_and_what_has_a_preview_stay(running):
    running.go_live()
    running.hold()
    running.build(running.push())
    running.build(running.push("feature"))
    assert kept(running) == artifacts(running, 1, 2, 3)


def test_what_was_let_go_once_is_gone_for_good_and_built_anew(running):
    for _ in range(4):
        running.go_live()
    assert kept(running, 1) == artifacts(running, 4)
    assert kept(running, 9) == artifacts(running, 4)
    released = running.switch(2)
    assert (released.version, released.rebuilt_as) == (2, 5)
    assert running.newest.version == 4
    running.build(released.id)
    assert (running.newest.version, running.newest.commit[6]) == (5, "2")


def test_secrets_of_versions_that_nobody_can_go_back_to_are_forgotten(running):
    running.go_live()
    running.set("KEY", "sk-old", secret=True)
    running.remove("KEY")
    for _ in range(2):
        running.go_live()
    kept(running, 1)
    with running.parts.database.reading() as session:
        assert [row.kept.values for row in session.scalars(select(Configuration))] == [()]


def test_collecting_during_deploys_never_takes_what_runs_or_is_gone_back_to(running):
    """Bundles go as soon as the answer leaves them out; at no moment does the world name one that went."""
    chance, there = random.Random(38), set()
    for _ in range(16):
        if chance.random() < 0.5 or running.deployment() is None:
            build = running.push()
            there.add(f"bundles/{build}")
            running.build(build)
        elif (version := running.deployment().version) > 1:
            released = running.switch(chance.randrange(1, version))
            if released.rebuilt_as:
                there.add(f"bundles/{released.id}")
                running.build(released.id)
        running.report()
        there &= kept(running)
        assert {spec.artifact.reference for spec in running.world.deployments} <= there
    with running.parts.database.reading() as session:
        wanted = session.scalars(select(Deployment).where(Deployment.desired == DesiredState.RUNNING)).all()
    assert {each.artifact.reference for each in wanted} <= there
