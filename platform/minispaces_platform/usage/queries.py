"""Reading what apps and their machine use."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, joinedload

from minispaces_platform.database import now
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.usage import MachineNow, SpaceUsage
from minispaces_platform.usage.service import MACHINE

Order = Literal["memory", "cpus", "disk", "traffic"]
FRESH = timedelta(seconds=30)
"""After so long without a report nobody knows."""


def find_machine(session: Session) -> MachineNow | None:
    return session.get(MachineNow, MACHINE)


def is_fresh(machine: MachineNow | None) -> bool:
    return machine is not None and now() - machine.at < FRESH


def list_usage(
    session: Session, *, order: Order, limit: int, search: str = "", page: int = 1
) -> Sequence[tuple[Space, SpaceUsage]]:
    """What runs, with the one that uses most first; the owner is loaded."""
    name = func.lower(Namespace.name + "/" + Space.name)
    found = session.execute(
        select(Space, SpaceUsage)
        .join(SpaceUsage, SpaceUsage.space_id == Space.id)
        .join(Space.owner)
        .options(joinedload(Space.owner))
        .where(name.contains(search.lower(), autoescape=True) if search else true())
        .order_by(getattr(SpaceUsage, order).desc(), Space.id)
        .offset((page - 1) * limit)
        .limit(limit + 1)
    )
    return [(space, usage) for space, usage in found]
