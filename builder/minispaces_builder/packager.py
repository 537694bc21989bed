"""The port behind which artifacts are made: what a bundle and an image have in common."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from minispaces_builder.buildlog import BuildLog
from minispaces_builder.checkout import Checkout
from minispaces_builder.recipes.plan import AppPlan
from minispaces_builder.requirements import Requirements
from minispaces_builder.work import Work
from minispaces_contract.messages import Artifact, BuildSpec


@dataclass(frozen=True, slots=True)
class Job:
    """One commit on its way to an artifact. The packager may move the checkout away."""

    spec: BuildSpec
    checkout: Checkout
    plan: AppPlan
    requirements: Requirements
    system_packages: tuple[str, ...]
    log: BuildLog
    work: Work


class Packager(Protocol):
    def package(self, job: Job) -> Artifact:
        """Make the artifact. Raises BuildError; making the same build again replaces what was there."""


def workspace(data: Path, build_id: str) -> Path:
    """Where a build's files lie while it runs."""
    return data / "builds" / build_id
