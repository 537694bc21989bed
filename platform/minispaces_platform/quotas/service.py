"""How much a person or an organisation may have: set by admins, kept where something new begins."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

from sqlalchemy.orm import Session

from minispaces_contract.messages import Hardware
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.database import now
from minispaces_platform.errors import ForbiddenError
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.notices import Quota
from minispaces_platform.models.spaces import Space
from minispaces_platform.quotas import counting
from minispaces_platform.wording import memory, size

_HINT = "Delete or stop something that is not needed, or ask an administrator of this installation for more."
_NEXT_MONTH = "They begin anew with the next month; an administrator of this installation may allow more."
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of a quota or of what is there; None is no limit. `disk` and `memory` are in bytes.

    `disk` is what repositories take and running apps wrote, `gpu_minutes` are this month's, `builds` are those at once.
    """

    spaces: int | None = None
    running: int | None = None
    disk: int | None = None
    memory: int | None = None
    gpu_minutes: int | None = None
    builds: int | None = None


AMOUNTS = tuple(each.name for each in fields(Amounts))


def amounts_of(quota: Quota) -> Amounts:
    return Amounts(**{name: getattr(quota, name) for name in AMOUNTS})


def set_quota(session: Session, actor: Actor, namespace: Namespace, amounts: Amounts) -> None:
    """Nothing that is there goes; only what is new is refused."""
    if amounts == Amounts():
        if known := session.get(Quota, namespace.id):
            session.delete(known)
    else:
        session.merge(Quota(namespace_id=namespace.id, **asdict(amounts)))
    audit.record(session, actor, "quota.set", namespace, **asdict(amounts))


def refuse_another_space(session: Session, owner: Namespace) -> None:
    """Raises ForbiddenError. One statement for those without a quota."""
    quota = session.get(Quota, owner.id)
    if quota is None or quota.spaces is None:
        return
    there = session.scalars(counting.count_spaces(owner.id)).one()
    if there >= quota.spaces:
        raise ForbiddenError(f"{owner.name} has {there} Spaces and may have {quota.spaces}.", hint=_HINT)


def refuse_more(session: Session, space: Space) -> None:
    """For a push, or for starting what stands still. Raises ForbiddenError."""
    quota = session.get(Quota, space.owner_id)
    if quota is None:
        return
    _refuse_another_app(session, space, quota.running)
    _refuse_memory(session, space, quota.memory)
    _refuse_disk(session, space, quota.disk)
    if space.hardware.gpus:
        _refuse_gpu(session, space, quota.gpu_minutes)


def refuse_growth(session: Session, space: Space, measure: Callable[[], int]) -> None:
    """For what a push brings; it is measured only for those with a quota. Raises ForbiddenError."""
    quota = session.get(Quota, space.owner_id)
    if quota is None or quota.disk is None:
        return
    used, more = session.scalars(counting.sum_disk(space.owner_id)).one(), measure()
    if used + more > quota.disk:
        taken = f"{space.owner.name} takes {size(used)} of disk and may take {size(quota.disk)}"
        raise ForbiddenError(f"this brings {size(more)}, and {taken}", hint=_HINT)


def gpu_seconds_left(allowed: int | None, used: float) -> float | None:
    """None is no limit."""
    return None if allowed is None else max(0.0, allowed * 60 - used)


def _refuse_another_app(session: Session, space: Space, allowed: int | None) -> None:
    if allowed is None:
        return
    others = session.scalars(counting.count_running(space.owner_id, besides=space.id)).one()
    if others >= allowed:
        words = f"{space.owner.name} has {others} other apps running and may have {allowed} in all."
        raise ForbiddenError(words, hint=_HINT)


def _refuse_memory(session: Session, space: Space, allowed: int | None) -> None:
    if allowed is None:
        return
    others = session.scalars(counting.sum_memory(space.owner_id, besides=space.id)).one()
    if others + _bytes(space.hardware) > allowed:
        raise ForbiddenError(
            f"The running apps of {space.owner.name} would have {memory(others + _bytes(space.hardware))} of memory "
            f"and may have {memory(allowed)}.",
            hint=f"Choose smaller hardware. {_HINT}",
        )


def _refuse_disk(session: Session, space: Space, allowed: int | None) -> None:
    if allowed is None:
        return
    used = session.scalars(counting.sum_disk(space.owner_id)).one()
    if used > allowed:
        whose = f"The repositories and apps of {space.owner.name}"
        raise ForbiddenError(f"{whose} take {size(used)} of disk and may take {size(allowed)}.", hint=_HINT)


def _refuse_gpu(session: Session, space: Space, allowed: int | None) -> None:
    if allowed is None:
        return
    used = session.scalars(counting.sum_gpu_seconds(space.owner_id, month=counting.month_of(now()))).one()
    if gpu_seconds_left(allowed, used) == 0:
        words = f"{space.owner.name} has used {used / 60:.0f} GPU minutes this month and may use {allowed}."
        raise ForbiddenError(words, hint=_NEXT_MONTH)


def _bytes(hardware: Hardware) -> int:
    return hardware.memory_mb * _MIB
