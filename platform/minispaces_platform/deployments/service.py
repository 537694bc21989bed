"""Going live: a deployment is made of a successful build, and the runner's reports say what became of it.

The newest deployment is the one with the greatest id: several of them may be of one version. What a build may become,
and what a release is made of, `releases/` says.
"""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from minispaces_contract import hints
from minispaces_contract.messages import Artifact, Hardware, InstanceReport
from minispaces_contract.states import DesiredState, InstanceStatus
from minispaces_platform.database import after_commit, now
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Cause, Configuration, Deployment, Preview
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.pushes import outcome
from minispaces_platform.quotas.service import refuse_more
from minispaces_platform.releases.configurations import keep_configuration, mark_of
from minispaces_platform.releases.holding import why_not_live
from minispaces_platform.releases.previews import add_preview
from minispaces_platform.thumbnails.service import want_picture


def deploy(session: Session, parts: Parts, build: Build) -> Deployment | None:
    """Give the build's artifact a host of its own, and ask for it to run beside what serves now, if it may."""
    if build.artifact is None:
        return None
    add_preview(session, parts, build, build.artifact)
    if why_not_live(session, build):
        _hint(session, parts, build.space_id)
        return None
    return release(session, parts, build, build.artifact, cause=Cause.PUSH)


def release(
    session: Session, parts: Parts, build: Build, artifact: Artifact, *, cause: Cause, by: str | None = None,
    configuration: Configuration | None = None, hardware: Hardware | None = None,
) -> Deployment:  # fmt: skip
    """A version with a configuration and hardware of earlier days, which set those of now aside; else with these."""
    settings = keep_configuration(session, build.space_id)
    other = configuration is not None or hardware is not None
    return _add(
        session, parts, build_id=build.id, version=build.version, commit=build.revision.commit, space=build.space,
        artifact=artifact, startup_seconds=build.revision.config.startup_seconds, cause=cause, released_by=by,
        configuration_id=(configuration or settings).id, hardware=hardware or build.space.hardware,
        aside=mark_of(settings, build.space.hardware) if other else None,
    )  # fmt: skip


def restart(session: Session, parts: Parts, space: Space, *, cause: Cause = Cause.RESTART) -> Deployment | None:
    """The newest version once more, also one that failed or was stopped; None where nothing was ever deployed.

    What serves goes on serving until the new one answers. It takes the settings of now, unless a rollback has set
    these very ones aside. Raises ForbiddenError where one more is over the quota.
    """
    last = newest_of(session, space.id)
    if last is None:
        return None
    if not is_wanted(session, space.id):
        refuse_more(session, space)
    settings = keep_configuration(session, space.id)
    as_before = last.aside is not None and last.aside == mark_of(settings, space.hardware)
    return _add(
        session, parts, build_id=last.build_id, version=last.version, commit=last.commit, space=space,
        artifact=last.artifact, startup_seconds=last.startup_seconds, cause=cause,
        configuration_id=last.configuration_id if as_before else settings.id,
        hardware=last.hardware if as_before else space.hardware, aside=last.aside if as_before else None,
    )  # fmt: skip


def start(session: Session, parts: Parts, space: Space) -> Deployment | None:
    """As `restart`, where nothing of the Space should run; None otherwise."""
    return None if is_wanted(session, space.id) else restart(session, parts, space)


def restart_if_wanted(session: Session, parts: Parts, space: Space) -> Deployment | None:
    """For changes that a running app must get to know: what somebody stopped stays stopped, what failed is tried."""
    last = newest_of(session, space.id)
    if last is None or (last.desired is DesiredState.STOPPED and last.observed is not InstanceStatus.FAILED):
        return None
    return restart(session, parts, space, cause=Cause.SETTINGS)


def stop(session: Session, parts: Parts, space: Space) -> bool:
    """Whether anything was to run. A push, or `start`, makes it run again."""
    wanted = (Deployment.space_id == space.id) & (Deployment.desired == DesiredState.RUNNING)
    session.execute(
        update(Deployment).where(wanted, Deployment.observed == InstanceStatus.FAILED)
        .values(observed=InstanceStatus.STOPPED)
    )  # fmt: skip
    stopped = session.scalars(
        update(Deployment).where(wanted).values(desired=DesiredState.STOPPED).returning(Deployment.id)
    )
    _hint(session, parts, space.id)
    return bool(stopped.all())


def is_wanted(session: Session, space_id: str) -> bool:
    """Whether anything of the Space should run."""
    wanted = select(Deployment.id).where(Deployment.space_id == space_id, Deployment.desired == DesiredState.RUNNING)
    return session.scalar(wanted.limit(1)) is not None


def record_instance(session: Session, parts: Parts, report: InstanceReport) -> None:
    """Store what the runner saw. Reports about deployments that are gone, or repeated ones, change nothing."""
    deployment = session.get(Deployment, report.deployment_id, with_for_update=True)
    if deployment is None:
        _record_preview(session, parts, report)
        return
    was_open = deployment.live_at is None and deployment.observed is not InstanceStatus.FAILED
    deployment.observed = report.status
    deployment.detail = report.detail
    deployment.log_tail = "\n".join(report.log_tail)[-20_000:]
    if report.status is InstanceStatus.RUNNING:
        _go_live(session, parts, deployment, seconds=report.seconds)
    elif report.status is InstanceStatus.FAILED and deployment.live_at is None:
        deployment.desired = DesiredState.STOPPED  # a failed deploy is over; what served before goes on serving
    if was_open and report.status in {InstanceStatus.RUNNING, InstanceStatus.FAILED}:
        build_id = deployment.build_id
        if not _ran_before(session, deployment):
            after_commit(session, lambda: outcome.announce(parts, build_id))
    if report.status in {InstanceStatus.RUNNING, InstanceStatus.FAILED}:
        _hint(session, parts, deployment.space_id)
    else:  # nothing else is wanted now
        _hint_pages(session, parts, deployment.space_id)


def _record_preview(session: Session, parts: Parts, report: InstanceReport) -> None:
    """Nothing follows from it for any other: whoever comes next may start it again."""
    preview = session.get(Preview, report.deployment_id, with_for_update=True)
    if preview is None:
        return
    preview.observed, preview.detail = report.status, report.detail
    preview.log_tail = "\n".join(report.log_tail)[-20_000:]
    if report.status is InstanceStatus.RUNNING and preview.live_at is None:
        preview.live_at, preview.start_seconds = now(), report.seconds
        want_picture(session, parts, preview.id)
    _hint_pages(session, parts, preview.space_id)


def _go_live(session: Session, parts: Parts, deployment: Deployment, *, seconds: float | None) -> None:
    if deployment.live_at is None:
        deployment.live_at = now()
        deployment.start_seconds = seconds
        want_picture(session, parts, deployment.id)
    session.execute(
        update(Deployment)
        .where(
            Deployment.space_id == deployment.space_id,
            Deployment.id < deployment.id,
            Deployment.desired == DesiredState.RUNNING,
        )
        .values(desired=DesiredState.STOPPED)
    )


def _add(session: Session, parts: Parts, *, space: Space, **fields: Any) -> Deployment:
    deployment = Deployment(space_id=space.id, **fields)
    session.add(deployment)
    _hint(session, parts, space.id)
    return deployment


def newest_of(session: Session, space_id: str) -> Deployment | None:
    """Whatever became of it."""
    return session.scalar(
        select(Deployment).where(Deployment.space_id == space_id).order_by(Deployment.id.desc()).limit(1)
    )


def _ran_before(session: Session, deployment: Deployment) -> bool:
    """Whether this is a build's second deployment: its push has heard how it ended."""
    earlier = select(Deployment.id).where(Deployment.build_id == deployment.build_id, Deployment.id < deployment.id)
    return session.scalar(earlier.limit(1)) is not None


def _hint(session: Session, parts: Parts, space_id: str) -> None:
    _hint_pages(session, parts, space_id)
    after_commit(session, lambda: hints.give(parts.redis_sync, hints.world(space_id)))


def _hint_pages(session: Session, parts: Parts, space_id: str) -> None:
    after_commit(session, lambda: hints.give(parts.redis_sync, hints.space(space_id)))
