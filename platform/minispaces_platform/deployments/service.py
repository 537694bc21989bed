"""Going live: a deployment is made of a successful build, and the runner's reports say what became of it."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from minispaces_contract import hints
from minispaces_contract.messages import InstanceReport
from minispaces_contract.states import DesiredState, InstanceStatus
from minispaces_platform.database import after_commit, now
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.parts import Parts
from minispaces_platform.pushes import outcome


def deploy(session: Session, parts: Parts, build: Build) -> Deployment | None:
    """Ask for the build's artifact to run beside what serves now; None when a newer version was faster."""
    newer = select(Deployment.id).where(Deployment.space_id == build.space_id, Deployment.version > build.version)
    if build.artifact is None or session.scalar(newer.limit(1)):
        return None
    deployment = Deployment(
        space_id=build.space_id, build_id=build.id, version=build.version, commit=build.revision.commit,
        artifact=build.artifact, hardware=build.space.hardware, startup_seconds=build.revision.config.startup_seconds,
    )  # fmt: skip
    session.add(deployment)
    _hint(session, parts, build.space_id)
    return deployment


def record_instance(session: Session, parts: Parts, report: InstanceReport) -> None:
    """Store what the runner saw. Reports about deployments that are gone, or repeated ones, change nothing."""
    deployment = session.get(Deployment, report.deployment_id, with_for_update=True)
    if deployment is None:
        return
    was_open = deployment.live_at is None and deployment.observed is not InstanceStatus.FAILED
    deployment.observed = report.status
    deployment.detail = report.detail
    deployment.log_tail = "\n".join(report.log_tail)[-20_000:]
    if report.status is InstanceStatus.RUNNING:
        _go_live(session, deployment, seconds=report.seconds)
    elif report.status is InstanceStatus.FAILED and deployment.live_at is None:
        deployment.desired = DesiredState.STOPPED  # a failed deploy is over; what served before goes on serving
    if was_open and report.status in {InstanceStatus.RUNNING, InstanceStatus.FAILED}:
        build_id = deployment.build_id
        after_commit(session, lambda: outcome.announce(parts, build_id))
    _hint(session, parts, deployment.space_id)


def _go_live(session: Session, deployment: Deployment, *, seconds: float | None) -> None:
    if deployment.live_at is None:
        deployment.live_at = now()
        deployment.start_seconds = seconds
    session.execute(
        update(Deployment)
        .where(
            Deployment.space_id == deployment.space_id,
            Deployment.version < deployment.version,
            Deployment.desired == DesiredState.RUNNING,
        )
        .values(desired=DesiredState.STOPPED)
    )


def _hint(session: Session, parts: Parts, space_id: str) -> None:
    after_commit(session, lambda: hints.give(parts.redis_sync, hints.space(space_id)))
    after_commit(session, lambda: hints.give(parts.redis_sync, hints.WORLD))
