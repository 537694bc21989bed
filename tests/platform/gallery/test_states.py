"""The filter by state says the same as the badge, whatever builds and deployments there are."""

from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from minispaces_contract.messages import AppConfig, Artifact, Hardware
from minispaces_contract.states import ArtifactKind, BuildStatus, DesiredState, InstanceStatus, Sdk, Stage
from minispaces_platform.access import Actor
from minispaces_platform.gallery import queries
from minispaces_platform.gallery.asking import State, Wanted
from minispaces_platform.gallery.states import state_of
from minispaces_platform.models.builds import Build, Revision
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.spaces import Space
from minispaces_platform.spaces.briefs import briefs
from minispaces_platform.spaces.queries import look_at

from .conftest import Gallery

SEEN = [None, *product(InstanceStatus, DesiredState)]
Seen = tuple[InstanceStatus, DesiredState]
Built = tuple[BuildStatus, Stage | None]
SERVING = (InstanceStatus.RUNNING, DesiredState.RUNNING)
BUILDS = [(status, None) for status in BuildStatus] + [(BuildStatus.FAILED, Stage.NO_APP_FILE)]
ARTIFACT = Artifact(kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.GRADIO)


def test_every_space_is_in_the_state_that_its_badge_says_and_in_no_other(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 1000)
    gallery.add("never-built")
    for number, (build, newest, older) in enumerate(product(BUILDS, SEEN, [None, SERVING])):
        add_history(gallery, f"space-{number}", build, [older, newest])
    with gallery.database.reading() as session:
        spaces = session.scalars(select(Space).options(joinedload(Space.owner))).all()
        stages = {it.space.id: it.stage for it in look_at(session, spaces)}
        assert {it.space.id: it.stage for it in briefs(session, list(stages))} == stages
        said = {space_id: state_of(stage) for space_id, stage in stages.items()}
        for state in State:
            found = queries.find_spaces(session, Actor(), Wanted(state=state)).spaces
            assert {it.space.id for it in found} == {each for each, its in said.items() if its is state}, state
    assert set(said.values()) == set(State)


def add_history(gallery: Gallery, name: str, newest: Built, deployments: list[Seen | None]) -> None:
    """A failed version 1 and a version 2 that is `newest`, and what runs of each."""
    space = gallery.add(name)
    with gallery.database.writing() as session:
        session.merge(space).versions = 2
        revision = Revision(space_id=space.id, branch="main", commit="c" * 40, config=AppConfig())
        session.add(revision)
        session.flush()
        for version, (status, word) in enumerate([(BuildStatus.FAILED, None), newest], start=1):
            build = Build(space_id=space.id, revision_id=revision.id, version=version, status=status, failed_stage=word)
            session.add(build)
            session.flush()
            if seen := deployments[version - 1]:
                session.add(deployment(build, seen))
                session.flush()


def deployment(build: Build, seen: Seen) -> Deployment:
    return Deployment(
        space_id=build.space_id, build_id=build.id, version=build.version, commit="c" * 40, artifact=ARTIFACT,
        hardware=Hardware(), startup_seconds=1, observed=seen[0], desired=seen[1],
    )  # fmt: skip
