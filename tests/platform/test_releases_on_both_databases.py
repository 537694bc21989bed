"""Going back, previews and what is kept, on SQLite and on PostgreSQL."""

from pathlib import Path

import pytest

from minispaces_contract.messages import AppConfig, Artifact, BuildReport, InstanceReport
from minispaces_contract.states import ArtifactKind, BuildStatus, InstanceStatus, Sdk
from minispaces_platform.accounts import service as accounts
from minispaces_platform.audit.service import COMMAND_LINE
from minispaces_platform.builds import service as builds
from minispaces_platform.builds.kept import keep_artifacts
from minispaces_platform.database import Database, now
from minispaces_platform.deployments import service as deployments
from minispaces_platform.deployments.world import desired_world
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts, open_parts
from minispaces_platform.releases import service as releases
from minispaces_platform.releases.queries import known_of
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.queries import find_now
from minispaces_platform.spaces.service import create_space


@pytest.fixture
def parts(migrated: Database, tmp_path: Path) -> Parts:
    """Redis is away."""
    url = migrated.engine.url.render_as_string(hide_password=False)
    return open_parts(PlatformSettings(data=tmp_path, database_url=url, redis_url="unix:///nowhere.sock"))


def push(parts: Parts, space_id: str, number: int, branch: str) -> None:
    """Pushed, built and, on the default branch, live."""
    pushed = builds.Pushed(f"{number:x}".rjust(40, "a"), branch, "Ada", "Change", AppConfig(), SpaceCard())
    record = builds.record_push if branch == "main" else builds.record_branch
    with parts.database.writing() as session:
        build_id = record(session, parts, session.get_one(Space, space_id), pushed).id
        spec = builds.claim(session, build_id)
        artifact = Artifact(kind=ArtifactKind.BUNDLE, reference=f"bundles/{spec.version}", sdk=Sdk.STATIC)
        done = {"build_id": build_id, "attempt": 1, "status": BuildStatus.SUCCEEDED, "artifact": artifact}
        builds.finish(session, parts, BuildReport(**done))
    if branch == "main":
        report(parts, space_id)


def report(parts: Parts, space_id: str) -> None:
    with parts.database.writing() as session:
        newest = deployments.newest_of(session, space_id)
        told = InstanceReport(deployment_id=newest.id, status=InstanceStatus.RUNNING, at=now())
        deployments.record_instance(session, parts, told)


def test_versions_go_back_and_forth_and_are_collected(parts: Parts) -> None:
    with parts.database.writing() as session:
        space_id = create_space(session, accounts.add_user(session, "ada"), "hello").id
    for number, branch in enumerate(("main", "main", "feature", "main"), start=1):
        push(parts, space_id, number, branch)
    with parts.database.writing() as session:
        space = find_now(session, space_id).space
        assert releases.roll_back(session, parts, COMMAND_LINE, space).version == 2
    report(parts, space_id)
    with parts.database.writing() as session:
        assert set(keep_artifacts(session, versions=1).bundles) == {f"bundles/{number}" for number in (1, 2, 3, 4)}
        parts.settings.kept_previews = 1
    push(parts, space_id, 5, "main")
    with parts.database.writing() as session:
        assert set(keep_artifacts(session, versions=2).bundles) == {"bundles/4", "bundles/5"}
        known = known_of(session, space_id, versions=range(1, 6))
        assert (set(known.previews), known.lived) == ({5}, {1, 2, 4, 5})
        whole = desired_world(session, parts.settings)
        assert [spec.version for spec in whole.deployments] == [5, 5]
        assert desired_world(session, parts.settings, only=[space_id]) == whole
        nothing = desired_world(session, parts.settings, only=["another"])
        assert (nothing.deployments, nothing.routes) == ((), ())
