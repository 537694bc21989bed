"""The figures of the installation at a glance. A fixed number of statements."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from minispaces_contract.states import UNFINISHED, BuildStatus, InstanceStatus
from minispaces_platform.models.accounts import User
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.namespaces import Organization
from minispaces_platform.models.spaces import Space

_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Counts:
    people: int
    organizations: int
    spaces: int
    running: int
    waiting: int
    building: int


@dataclass(frozen=True, slots=True)
class BuildNow:
    """A build that waits or is being made; `lease_until` is when its builder counts as lost."""

    space: str
    version: int
    is_waiting: bool
    attempt: int
    since: datetime
    lease_until: datetime | None


def count_everything(session: Session) -> Counts:
    """In one statement."""
    running = select(func.count(func.distinct(Deployment.space_id))).where(
        Deployment.observed == InstanceStatus.RUNNING
    )
    row = session.execute(
        select(
            select(func.count(User.id)).scalar_subquery(),
            select(func.count(Organization.id)).scalar_subquery(),
            select(func.count(Space.id)).scalar_subquery(),
            running.scalar_subquery(),
            select(func.count(Build.id)).where(Build.status == BuildStatus.QUEUED).scalar_subquery(),
            select(func.count(Build.id)).where(Build.status == BuildStatus.BUILDING).scalar_subquery(),
        )
    ).one()
    return Counts(*row)


def list_active_builds(session: Session) -> tuple[BuildNow, ...]:
    """Oldest first."""
    found = session.scalars(
        select(Build)
        .options(joinedload(Build.space).joinedload(Space.owner))
        .where(Build.status.in_(UNFINISHED))
        .order_by(Build.id)
        .limit(_MOST_SHOWN)
    )
    return tuple(
        BuildNow(
            build.space.full_name, build.version, build.status is BuildStatus.QUEUED, build.attempt,
            build.started_at or build.created_at, build.lease_until,
        )
        for build in found
    )  # fmt: skip
