"""Quotas with what they are used for."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_contract.states import DesiredState
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.namespaces import Namespace, NamespaceKind
from minispaces_platform.models.notices import Quota
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.usage import SpaceUsage
from minispaces_platform.quotas.service import Amounts


@dataclass(frozen=True, slots=True)
class QuotaNow:
    name: str
    is_person: bool
    allowed: Amounts
    used: Amounts


def list_quotas(session: Session) -> tuple[QuotaNow, ...]:
    """Those that were set, by name. One statement."""
    spaces = select(func.count(Space.id)).where(Space.owner_id == Namespace.id)
    running = (
        select(func.count(func.distinct(Deployment.space_id)))
        .join(Space, Space.id == Deployment.space_id)
        .where(Space.owner_id == Namespace.id, Deployment.desired == DesiredState.RUNNING)
    )
    disk = (
        select(func.coalesce(func.sum(SpaceUsage.disk), 0))
        .join(Space, Space.id == SpaceUsage.space_id)
        .where(Space.owner_id == Namespace.id)
    )
    counted = [each.correlate(Namespace).scalar_subquery() for each in (spaces, running, disk)]
    columns = (Namespace.name, Namespace.kind, Quota.spaces, Quota.running, Quota.disk, *counted)
    rows = session.execute(
        select(*columns).join(Quota, Quota.namespace_id == Namespace.id).order_by(func.lower(Namespace.name))
    )
    return tuple(
        QuotaNow(row[0], row[1] is NamespaceKind.USER, Amounts(row[2], row[3], row[4]), Amounts(row[5], row[6], row[7]))
        for row in rows
    )
