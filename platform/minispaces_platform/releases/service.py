"""Going back and forth between versions that are built: a new deployment of an old build, with what belonged to it.

The settings stay as they are, and the branch goes on: the next push is deployed as any other. docs/decisions says why.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from minispaces_contract.states import BuildStatus, DesiredState, InstanceStatus
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.builds.queries import get_version
from minispaces_platform.builds.service import request_build
from minispaces_platform.deployments.service import is_wanted, newest_of, release
from minispaces_platform.errors import ConflictError
from minispaces_platform.models.builds import Build, Purpose
from minispaces_platform.models.deployments import Cause, Configuration, Deployment
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.quotas.service import refuse_more


@dataclass(frozen=True, slots=True)
class Released:
    """`id` is the deployment that is to go live; where the version's files are gone, the build that makes them anew
    as version `rebuilt_as`. `was` is the version that people got until now.
    """

    id: str
    version: int
    was: int | None
    cause: Cause
    rebuilt_as: int | None = None


def roll_back(
    session: Session, parts: Parts, actor: Actor, space: Space, *, version: int | None = None
) -> Released:  # fmt: skip
    """To `version`, or to the last good one before what serves. Raises ConflictError where there is none."""
    return switch(session, parts, actor, space, version=version or last_good(session, space))


def last_good(session: Session, space: Space) -> int:
    """The version before the newest that went live and did not fail since. Raises ConflictError."""
    newest = newest_of(session, space.id)
    if newest is None:
        raise ConflictError("Nothing was ever deployed.", hint="A version is made by a push.")
    if newest.live_at is None and newest.observed is InstanceStatus.FAILED and is_wanted(session, space.id):
        raise ConflictError(
            f"Version {newest.version} never went live; the one before it still serves.",
            hint="To go further back, name the version.",
        )
    earlier = select(Deployment).where(Deployment.space_id == space.id, Deployment.version < newest.version)
    last = {each.version: each for each in session.scalars(earlier.order_by(Deployment.id))}
    good = [version for version, each in last.items() if each.live_at and each.observed is not InstanceStatus.FAILED]
    if not good:
        raise ConflictError(
            f"No version before {newest.version} was ever live.", hint="Promote one that is built, or push a new one."
        )
    return max(good)


def switch(session: Session, parts: Parts, actor: Actor, space: Space, *, version: int) -> Released:
    """Deploy a version that is built, without building it. Raises NotFoundError and ConflictError."""
    build = _built(session, space, version)
    newest = newest_of(session, space.id)
    _refuse_repeating(newest, version)
    if not is_wanted(session, space.id):
        refuse_more(session, space)
    live = _last_live(session, build)
    back = live is not None and newest is not None and version < newest.version
    cause = Cause.ROLLBACK if back else Cause.PROMOTE
    released = _release(session, parts, actor, build, live, cause=cause, was=newest.version if newest else None)
    audit.record(session, actor, f"space.{cause.value}", space, version=version, was=released.was)
    return released


def _release(
    session: Session, parts: Parts, actor: Actor, build: Build, live: Deployment | None, *, cause: Cause,
    was: int | None,
) -> Released:  # fmt: skip
    """What was live comes back with the configuration and hardware of then; what never was takes those of now."""
    if build.artifact is None or build.let_go_at:
        again = request_build(session, parts, build.revision, purpose=Purpose.ASKED)
        return Released(again.id, build.version, was, cause, rebuilt_as=again.version)
    kept = session.get(Configuration, live.configuration_id) if live and live.configuration_id else None
    deployment = release(
        session, parts, build, build.artifact, cause=cause, by=actor.user.id if actor.user else None,
        configuration=kept, hardware=live.hardware if live else None,
    )  # fmt: skip
    session.flush()
    return Released(deployment.id, build.version, was, cause)


def _built(session: Session, space: Space, version: int) -> Build:
    """With its revision and Space. Raises NotFoundError and ConflictError."""
    found = get_version(session, space, version=version)
    if found.status is not BuildStatus.SUCCEEDED:
        raise ConflictError(
            f"Version {version} was not built{': ' + found.error if found.error else ''}.",
            hint="Choose one that was; minispaces versions lists them.",
        )
    return session.scalars(
        select(Build).where(Build.id == found.id)
        .options(joinedload(Build.revision), joinedload(Build.space).joinedload(Space.owner))
    ).one()  # fmt: skip


def _refuse_repeating(newest: Deployment | None, version: int) -> None:
    if newest is None or newest.version != version or newest.desired is DesiredState.STOPPED:
        return
    if newest.observed is not InstanceStatus.FAILED:
        raise ConflictError(f"Version {version} is the one that serves.", hint="To start it anew, restart the Space.")


def _last_live(session: Session, build: Build) -> Deployment | None:
    live = select(Deployment).where(Deployment.build_id == build.id, Deployment.live_at.is_not(None))
    return session.scalar(live.order_by(Deployment.id.desc()).limit(1))


def set_hold(session: Session, actor: Actor, space: Space, *, holds: bool) -> None:
    """From the next version on. What is held stays held until somebody promotes it."""
    if space.holds is not holds:
        space.holds = holds
        audit.record(session, actor, "space.hold" if holds else "space.unhold", space)
