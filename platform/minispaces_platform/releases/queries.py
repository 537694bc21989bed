"""Reading releases: what became of one, and what is known of each version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_contract.states import BuildStatus, DesiredState, InstanceStatus
from minispaces_platform.errors import NotFoundError
from minispaces_platform.models.accounts import User
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Cause, Deployment, Preview
from minispaces_platform.models.spaces import Space


class State(StrEnum):
    BUILDING = "building"
    STARTING = "starting"
    LIVE = "live"
    FAILED = "failed"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ReleaseNow:
    """`words` say why it failed, or why it is over before it was live."""

    version: int
    state: State
    words: str = ""
    seconds: float | None = None


def find_release(session: Session, space: Space, release_id: str) -> ReleaseNow:
    """By its own id, or the build's that it comes of. Raises NotFoundError."""
    build = session.get(Build, release_id)
    if build and build.space_id == space.id:
        first = select(Deployment).where(Deployment.build_id == build.id).order_by(Deployment.id).limit(1)
        deployment = session.scalar(first)
        return _seen(deployment) if deployment else _seen_build(build)
    found = session.get(Deployment, release_id)
    if found and found.space_id == space.id:
        return _seen(found)
    raise NotFoundError("There is no such release.")


def _seen_build(build: Build) -> ReleaseNow:
    if not build.status.is_final:
        return ReleaseNow(build.version, State.BUILDING)
    if build.status is BuildStatus.SUCCEEDED:
        return ReleaseNow(build.version, State.OVER, "A newer version was faster.")
    return ReleaseNow(build.version, State.FAILED, build.error or "It could not be built.")


def _seen(deployment: Deployment) -> ReleaseNow:
    if deployment.observed is InstanceStatus.FAILED:
        return ReleaseNow(deployment.version, State.FAILED, deployment.detail or "It ended without saying why.")
    if deployment.live_at:
        return ReleaseNow(deployment.version, State.LIVE, seconds=deployment.start_seconds)
    if deployment.desired is DesiredState.STOPPED:
        return ReleaseNow(deployment.version, State.OVER, "A newer one took its place, or somebody stopped the app.")
    return ReleaseNow(deployment.version, State.STARTING)


@dataclass(frozen=True, slots=True)
class LastSwitch:
    """The newest deployment, where a person made it by going back or promoting."""

    cause: Cause
    version: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """Of a Space's versions: the previews of some, those that were live once, and the last switch."""

    previews: Mapping[int, Preview]
    lived: frozenset[int]
    switch: LastSwitch | None


def known_of(session: Session, space_id: str, *, versions: Iterable[int]) -> Known:
    """Three statements."""
    previews = session.scalars(select(Preview).where(Preview.space_id == space_id).order_by(Preview.id))
    lived = select(Deployment.version).where(
        Deployment.space_id == space_id, Deployment.version.in_(list(versions)), Deployment.live_at.is_not(None)
    )
    return Known(
        {each.version: each for each in previews},
        frozenset(session.scalars(lived.distinct())),
        _last_switch(session, space_id),
    )


def _last_switch(session: Session, space_id: str) -> LastSwitch | None:
    newest = select(func.max(Deployment.id)).where(Deployment.space_id == space_id).scalar_subquery()
    row = session.execute(
        select(Deployment, User.name).outerjoin(User, User.id == Deployment.released_by).where(Deployment.id == newest)
    ).first()
    if row is None or row[0].cause not in {Cause.ROLLBACK, Cause.PROMOTE}:
        return None
    return LastSwitch(row[0].cause, row[0].version, row[1] or "Somebody", row[0].created_at)
