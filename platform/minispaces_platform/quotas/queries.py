"""Quotas with what they are used for."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from minispaces_platform.database import now
from minispaces_platform.models.namespaces import Namespace, NamespaceKind
from minispaces_platform.models.notices import Quota
from minispaces_platform.quotas import counting
from minispaces_platform.quotas.service import Amounts, amounts_of


@dataclass(frozen=True, slots=True)
class QuotaNow:
    name: str
    is_person: bool
    allowed: Amounts
    used: Amounts


def list_quotas(session: Session) -> tuple[QuotaNow, ...]:
    """Those that were set, by name. One statement, and one more for each: memory is summed over groups."""
    owner = Quota.namespace_id
    counted: tuple[Select[int] | Select[float], ...] = (
        counting.count_spaces(owner), counting.count_running(owner), counting.sum_disk(owner),
        counting.sum_gpu_seconds(owner, month=counting.month_of(now())), counting.count_builds(owner),
    )  # fmt: skip
    amounts = [each.correlate(Quota).scalar_subquery() for each in counted]
    rows = session.execute(
        select(Namespace.name, Namespace.kind, Quota, *amounts)
        .join(Quota, Quota.namespace_id == Namespace.id)
        .order_by(func.lower(Namespace.name))
    ).all()
    return tuple(
        QuotaNow(
            name, kind is NamespaceKind.USER, amounts_of(quota),
            Amounts(spaces, running, disk, session.scalars(counting.sum_memory(quota.namespace_id)).one(),
                    int(seconds // 60), building),
        )
        for name, kind, quota, spaces, running, disk, seconds, building in rows
    )  # fmt: skip
