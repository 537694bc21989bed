"""GPU time: counted by the month from what the runner says, and handed back to it as what is left."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_contract.messages import DeploymentSpec, DesiredWorld
from minispaces_contract.usage import SpaceGpu, UsageReport
from minispaces_platform.database import now
from minispaces_platform.models.hardware import GpuMonth, GpuNow
from minispaces_platform.models.notices import Quota
from minispaces_platform.models.spaces import Space
from minispaces_platform.quotas.counting import month_of
from minispaces_platform.quotas.service import gpu_seconds_left
from minispaces_platform.wording import seconds as seconds_in_words

_STALE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class GpuPlace:
    """Where a Space's next call stands in the queue for a shared GPU."""

    position: int
    seconds: float

    @property
    def words(self) -> str:
        return f"GPU queue: number {self.position}, about {seconds_in_words(self.seconds)}"


def record_gpu_time(session: Session, report: UsageReport) -> list[str]:
    """Seconds are told as totals of an epoch, so that a report that comes twice, late or never changes no sum.

    Gives the Spaces whose place in the queue is another one now.
    """
    if not report.gpu:
        return []
    ids = [each.space_id for each in report.gpu]
    owners = dict(session.execute(select(Space.id, Space.owner_id).where(Space.id.in_(ids))).all())
    known = {row.space_id: row for row in session.scalars(select(GpuNow).where(GpuNow.space_id.in_(owners)))}
    before = {row.space_id: row.position for row in known.values()}
    used: defaultdict[str, float] = defaultdict(float)
    for told in report.gpu:
        if told.space_id in owners:
            used[owners[told.space_id]] += _note(session, known.get(told.space_id), told, report)
    for owner_id, seconds in used.items():
        _count(session, owner_id, seconds, at=report.at)
    return [told.space_id for told in report.gpu if told.position != before.get(told.space_id)]


def _note(session: Session, row: GpuNow | None, told: SpaceGpu, report: UsageReport) -> float:
    """How many seconds are new."""
    counted = row.counted if row and row.epoch == report.gpu_epoch else 0.0
    session.merge(
        GpuNow(
            space_id=told.space_id, at=report.at, epoch=report.gpu_epoch, counted=max(counted, told.seconds),
            holding=told.holding, waiting=told.waiting, position=told.position, wait_seconds=told.wait_seconds,
        )
    )  # fmt: skip
    return max(0.0, told.seconds - counted)


def _count(session: Session, owner_id: str, seconds: float, *, at: datetime) -> None:
    month = month_of(at)
    row = session.get(GpuMonth, (owner_id, month))
    if row is None:
        session.add(GpuMonth(namespace_id=owner_id, month=month, seconds=seconds))
    else:
        row.seconds += seconds


def add_gpu_time(session: Session, world: DesiredWorld) -> DesiredWorld:
    """Nothing is asked where nothing shares a GPU."""
    if not any(spec.hardware.gpu_shared for spec in world.deployments):
        return world
    left = _left(session)
    return world.model_copy(update={"deployments": tuple(_with_time(spec, left) for spec in world.deployments)})


def _left(session: Session) -> dict[str, float | None]:
    """By Space, where its owner has a quota."""
    rows = session.execute(
        select(Space.id, Quota.gpu_minutes, GpuMonth.seconds)
        .join(Quota, Quota.namespace_id == Space.owner_id)
        .outerjoin(GpuMonth, (GpuMonth.namespace_id == Space.owner_id) & (GpuMonth.month == month_of(now())))
        .where(Quota.gpu_minutes.is_not(None))
    )
    return {space_id: gpu_seconds_left(minutes, used or 0.0) for space_id, minutes, used in rows}


def _with_time(spec: DeploymentSpec, left: Mapping[str, float | None]) -> DeploymentSpec:
    seconds = left.get(spec.space_id)
    return spec if seconds is None else spec.model_copy(update={"gpu_seconds_left": seconds})


def find_places(session: Session, spaces: Iterable[Space]) -> dict[str, GpuPlace]:
    """Of those with a call that waits, as the runner said lately. No statement where none has a shared GPU."""
    ids = [space.id for space in spaces if space.hardware.gpu_shared]
    if not ids:
        return {}
    rows = session.scalars(select(GpuNow).where(GpuNow.space_id.in_(ids), GpuNow.at > now() - _STALE))
    return {row.space_id: GpuPlace(row.position, row.wait_seconds or 0.0) for row in rows if row.position}
