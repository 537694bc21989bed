"""Reading what there is of storage."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_contract.messages import Storage
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.storage import RemovedStorage, SpaceStorage


@dataclass(frozen=True, slots=True)
class Kept:
    host_label: str
    storage: Storage


def find_storage(session: Session, space_id: str) -> SpaceStorage | None:
    return session.scalar(select(SpaceStorage).where(SpaceStorage.space_id == space_id))


def storages(session: Session) -> dict[str, Kept]:
    """By Space."""
    rows = session.execute(select(Space.id, Space.host_label, SpaceStorage.id, SpaceStorage.size_mb).join(SpaceStorage))
    return {row[0]: Kept(row[1], Storage(id=row[2], size_mb=row[3])) for row in rows}


def removed_storages(session: Session) -> tuple[str, ...]:
    return tuple(session.scalars(select(RemovedStorage.id).order_by(RemovedStorage.id)))


def promised_bytes(session: Session, namespace_id: str) -> int:
    """What all of a person's or organisation's volumes may hold together."""
    total = select(func.sum(SpaceStorage.size_mb)).join(Space, Space.id == SpaceStorage.space_id)
    return (session.scalar(total.where(Space.owner_id == namespace_id)) or 0) << 20


def list_storages(session: Session) -> list[tuple[str, SpaceStorage]]:
    """By the Space's full name, the fullest first."""
    rows = session.execute(
        select(Namespace.name, Space.name, SpaceStorage)
        .join(Space, Space.id == SpaceStorage.space_id)
        .join(Namespace, Namespace.id == Space.owner_id)
        .order_by(SpaceStorage.used.desc(), SpaceStorage.id)
    )
    return [(f"{owner}/{name}", storage) for owner, name, storage in rows]
