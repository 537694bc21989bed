"""How much a person or an organisation may have: set by admins, kept where something new begins."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_contract.states import DesiredState
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.errors import ForbiddenError
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.notices import Quota
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.usage import SpaceUsage
from minispaces_platform.wording import size

_HINT = "Delete or stop something that is not needed, or ask an administrator of this installation for more."


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of a quota or of what is there; None is no limit. `disk` is in bytes, as running apps wrote it."""

    spaces: int | None = None
    running: int | None = None
    disk: int | None = None


def set_quota(session: Session, actor: Actor, namespace: Namespace, amounts: Amounts) -> None:
    """Nothing that is there goes; only what is new is refused."""
    if amounts == Amounts():
        if known := session.get(Quota, namespace.id):
            session.delete(known)
    else:
        quota = Quota(
            namespace_id=namespace.id, spaces=amounts.spaces, running=amounts.running, disk=amounts.disk
        )  # fmt: skip
        session.merge(quota)
    audit.record(
        session, actor, "quota.set", namespace, spaces=amounts.spaces, running=amounts.running, disk=amounts.disk
    )  # fmt: skip


def refuse_another_space(session: Session, owner: Namespace) -> None:
    """Raises ForbiddenError. One statement for those without a quota."""
    quota = session.get(Quota, owner.id)
    if quota is None or quota.spaces is None:
        return
    there = session.scalar(select(func.count(Space.id)).where(Space.owner_id == owner.id)) or 0
    if there >= quota.spaces:
        raise ForbiddenError(f"{owner.name} has {there} Spaces and may have {quota.spaces}.", hint=_HINT)


def refuse_more(session: Session, space: Space) -> None:
    """For a push, or for starting what stands still. Raises ForbiddenError."""
    quota = session.get(Quota, space.owner_id)
    if quota is None:
        return
    if quota.running is not None and (others := _running_besides(session, space)) >= quota.running:
        words = f"{space.owner.name} has {others} other apps running and may have {quota.running} in all."
        raise ForbiddenError(words, hint=_HINT)
    if quota.disk is not None and (used := disk_of(session, space.owner_id)) > quota.disk:
        words = f"The apps of {space.owner.name} have written {size(used)} and may write {size(quota.disk)}."
        raise ForbiddenError(words, hint=_HINT)


def disk_of(session: Session, namespace_id: str) -> int:
    used = select(func.sum(SpaceUsage.disk)).join(Space, Space.id == SpaceUsage.space_id)
    return session.scalar(used.where(Space.owner_id == namespace_id)) or 0


def _running_besides(session: Session, space: Space) -> int:
    wanted = (
        select(func.count(func.distinct(Deployment.space_id)))
        .join(Space, Space.id == Deployment.space_id)
        .where(Space.owner_id == space.owner_id, Space.id != space.id, Deployment.desired == DesiredState.RUNNING)
    )
    return session.scalar(wanted) or 0
