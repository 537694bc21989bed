"""Giving a Space storage, more of it, or none; and keeping what the runner reports."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from minispaces_contract.states import Sdk
from minispaces_contract.usage import StorageUsage
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import announce
from minispaces_platform.database import now
from minispaces_platform.deployments import service as deployments
from minispaces_platform.errors import ConflictError, ForbiddenError, InvalidError
from minispaces_platform.models.notices import Quota
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.storage import RemovedStorage, SpaceStorage
from minispaces_platform.parts import Parts
from minispaces_platform.spaces.service import hint_channels
from minispaces_platform.storage.queries import find_storage, promised_bytes
from minispaces_platform.storage.sizes import Size
from minispaces_platform.wording import memory

REMEMBERED = timedelta(days=90)
"""How long the runner is told of what was given up: a machine may have been off."""
_MIB = 1 << 20


def attach(session: Session, parts: Parts, actor: Actor, space: Space, *, size: Size) -> None:
    """Storage for a Space that has none, or more of it. The app restarts for its first; growing needs none.

    Raises ConflictError, ForbiddenError, InvalidError.
    """
    if space.card.sdk is Sdk.STATIC:
        raise InvalidError("A static Space has no app that could keep files.", hint="Choose another SDK first.")
    known = find_storage(session, space.id)
    if known and size.mb <= known.size_mb:
        raise ConflictError(
            f"This Space has {memory(known.size_mb * _MIB)} already, and storage never shrinks.",
            hint="Choose a larger size, or give the storage up and start with an empty one.",
        )
    before = known.size_mb if known else 0
    _refuse_too_much(session, space, more_mb=size.mb - before)
    if known:
        known.size_mb = size.mb
    else:
        session.add(SpaceStorage(space_id=space.id, size_mb=size.mb))
    audit.record(session, actor, "space.storage", space, before=before, after=size.mb)
    announce(session, *hint_channels(space.id))
    session.flush()
    if not known:
        deployments.restart_if_wanted(session, parts, space)


def detach(session: Session, parts: Parts, actor: Actor, space: Space) -> None:
    """And delete what is in it. The app restarts without."""
    if give_up(session, space.id):
        audit.record(session, actor, "space.storage", space, after=0)
        announce(session, *hint_channels(space.id))
        session.flush()
        deployments.restart_if_wanted(session, parts, space)


def give_up(session: Session, space_id: str) -> bool:
    """Whether there was any. The Space may be about to go as well."""
    known = find_storage(session, space_id)
    if known is None:
        return False
    session.add(RemovedStorage(id=known.id))
    session.delete(known)
    return True


def forget_removed(session: Session) -> None:
    session.execute(delete(RemovedStorage).where(RemovedStorage.removed_at < now() - REMEMBERED))


def record_storage(session: Session, at: datetime, seen: Sequence[StorageUsage]) -> None:
    """What the report does not name was not counted."""
    by_id = {each.id: each for each in seen}
    for row in session.scalars(select(SpaceStorage).where(SpaceStorage.id.in_(by_id))):
        row.used, row.limit, row.seen_at = by_id[row.id].used, by_id[row.id].size, at


def _refuse_too_much(session: Session, space: Space, *, more_mb: int) -> None:
    """The quota for disk bounds what may be promised, not only what is used."""
    quota = session.get(Quota, space.owner_id)
    if quota is None or quota.disk is None:
        return
    there = promised_bytes(session, space.owner_id)
    if there + more_mb * _MIB > quota.disk:
        raise ForbiddenError(
            f"The Spaces of {space.owner.name} have {memory(there)} of storage"
            f" and may have {memory(quota.disk)}: {memory(more_mb * _MIB)} more would be too much.",
            hint="Give up storage that is not needed, or ask an administrator of this installation for more.",
        )
