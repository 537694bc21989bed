"""What is counted against quotas, each as a scalar statement about the owner that it is given. Said once for all."""

from datetime import datetime

from sqlalchemy import JSON, ColumnElement, Select, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from minispaces_contract.states import BuildStatus, DesiredState, InstanceStatus
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.hardware import GpuMonth
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.usage import SpaceUsage

Owner = InstrumentedAttribute[str] | str
_MIB = 1 << 20


def month_of(moment: datetime) -> str:
    return f"{moment:%Y-%m}"


def count_spaces(owner: Owner) -> Select[int]:
    return select(func.count(Space.id)).where(Space.owner_id == owner)


def count_running(owner: Owner, *, besides: str = "") -> Select[int]:
    """Apps that are awake or waking; one that sleeps, or has failed, takes nobody's place."""
    return (
        select(func.count(func.distinct(Deployment.space_id)))
        .join(Space, Space.id == Deployment.space_id)
        .where(Space.owner_id == owner, *_awake(besides))
    )


def sum_memory(owner: Owner, *, besides: str = "") -> Select[int]:
    """Bytes that the hardware of running apps allows them; of a Space's several deployments the largest counts."""
    megabytes = type_coerce(Deployment.hardware, JSON)["memory_mb"].as_integer()
    largest = (
        select(func.max(megabytes).label("megabytes"))
        .join(Space, Space.id == Deployment.space_id)
        .where(Space.owner_id == owner, *_awake(besides))
        .group_by(Deployment.space_id)
    ).subquery()
    return select(func.coalesce(func.sum(largest.c.megabytes), 0) * _MIB)


def sum_disk(owner: Owner) -> Select[int]:
    """What running apps wrote, and repositories."""
    taken = func.coalesce(SpaceUsage.disk, 0) + func.coalesce(Space.repository_bytes, 0)
    used = select(func.coalesce(func.sum(taken), 0)).select_from(Space)
    return used.outerjoin(SpaceUsage, SpaceUsage.space_id == Space.id).where(Space.owner_id == owner)


def sum_gpu_seconds(owner: Owner, *, month: str) -> Select[float]:
    used = select(func.coalesce(func.sum(GpuMonth.seconds), 0.0))
    return used.where(GpuMonth.namespace_id == owner, GpuMonth.month == month)


def count_builds(owner: Owner) -> Select[int]:
    """That are being made now."""
    building = select(func.count(Build.id)).join(Space, Space.id == Build.space_id)
    return building.where(Space.owner_id == owner, Build.status == BuildStatus.BUILDING)


def _awake(besides: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Space.id != besides,
        Deployment.desired == DesiredState.RUNNING,
        Deployment.observed.in_([InstanceStatus.STARTING, InstanceStatus.RUNNING]),
    )
