"""A Space whose pushes, builds and starts go through the real services; the tests play builder and runner."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from minispaces_contract.messages import AppConfig, Artifact, BuildReport, DeploymentSpec, DesiredWorld, InstanceReport
from minispaces_contract.states import ArtifactKind, BuildStatus, InstanceStatus, Sdk
from minispaces_platform.actors import actor_of_user
from minispaces_platform.builds import service as builds
from minispaces_platform.configuration.service import remove_variable, set_variable
from minispaces_platform.database import now
from minispaces_platform.deployments import service as deployments
from minispaces_platform.deployments.world import desired_world
from minispaces_platform.models.accounts import User
from minispaces_platform.models.builds import Build
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.pushes.outcome import outcome_of
from minispaces_platform.releases import service as releases
from minispaces_platform.releases.service import Released
from minispaces_platform.spaces.service import find_space_by_id


@dataclass
class App:
    parts: Parts
    owner: User
    space_id: str

    def write(self, change: Any) -> Any:
        with self.parts.database.writing() as session:
            return change(session, find_space_by_id(session, self.space_id))

    def push(self, branch: str = "main", *, commit: str = "") -> str:
        """The build's id."""

        def record(session, space):
            at = commit or f"{space.numbered + 1:x}".rjust(7, "a").ljust(40, "0")
            pushed = builds.Pushed(at, branch, "Ada", f"Change {branch}", AppConfig(), SpaceCard(sdk=Sdk.GRADIO))
            record = builds.record_push if branch == space.default_branch else builds.record_branch
            return record(session, self.parts, space, pushed).id

        return self.write(record)

    def build(self, build_id: str, *, error: str = "") -> int:
        """Its version."""
        artifact = Artifact(kind=ArtifactKind.BUNDLE, reference=f"bundles/{build_id}", sdk=Sdk.GRADIO)
        status = BuildStatus.FAILED if error else BuildStatus.SUCCEEDED
        with self.parts.database.writing() as session:
            spec = builds.claim(session, build_id)
            report = BuildReport(
                build_id=build_id, attempt=spec.attempt, status=status, error=error or None,
                artifact=None if error else artifact,
            )  # fmt: skip
            builds.finish(session, self.parts, report)
        return spec.version

    def report(self, status: InstanceStatus = InstanceStatus.RUNNING, *, detail: str = "") -> None:
        """Of the newest deployment."""
        self.report_of(self.deployment().id, status, detail=detail)

    def report_of(self, release_id: str, status: InstanceStatus, *, detail: str = "") -> None:
        told = InstanceReport(deployment_id=release_id, status=status, detail=detail or None, seconds=0.2, at=now())
        with self.parts.database.writing() as session:
            deployments.record_instance(session, self.parts, told)

    def go_live(self, branch: str = "main") -> int:
        version = self.build(self.push(branch))
        self.report()
        return version

    def set(self, name: str, value: str, *, secret: bool = False) -> None:
        actor = actor_of(self.parts, self.owner)
        self.write(
            lambda session, space: set_variable(
                session, self.parts, actor, space, name=name, value=value, secret=secret
            )
        )
        self.report()

    def remove(self, name: str) -> None:
        actor = actor_of(self.parts, self.owner)
        self.write(lambda session, space: remove_variable(session, self.parts, actor, space, name=name))
        self.report()

    def switch(self, version: int) -> Released:
        actor = actor_of(self.parts, self.owner)
        return self.write(lambda session, space: releases.switch(session, self.parts, actor, space, version=version))

    def roll_back(self) -> Released:
        actor = actor_of(self.parts, self.owner)
        return self.write(lambda session, space: releases.roll_back(session, self.parts, actor, space))

    def hold(self, *, holds: bool = True) -> None:
        self.write(lambda _session, space: setattr(space, "holds", holds))

    @property
    def world(self) -> DesiredWorld:
        with self.parts.database.reading() as session:
            return desired_world(session, self.parts.settings)

    @property
    def newest(self) -> DeploymentSpec:
        return [spec for spec in self.world.deployments if not spec.on_demand][-1]

    @property
    def previews(self) -> list[DeploymentSpec]:
        return [spec for spec in self.world.deployments if spec.on_demand]

    def deployment(self) -> Deployment:
        with self.parts.database.reading() as session:
            return deployments.newest_of(session, self.space_id)

    def outcome(self, build_id: str) -> str:
        with self.parts.database.reading() as session:
            return outcome_of(session, build_id, parts=self.parts).summary

    def build_of(self, version: int) -> Build:
        with self.parts.database.reading() as session:
            return session.scalar(select(Build).where(Build.space_id == self.space_id, Build.version == version))


def actor_of(parts: Parts, user: User):
    with parts.database.reading() as session:
        return actor_of_user(session, user)


@pytest.fixture
def space(world, ada) -> Space:
    return world.add_space(ada, "hello", sdk="gradio")


@pytest.fixture
def running(parts, ada, space) -> App:
    """No version yet."""
    return App(parts, ada, space.id)
