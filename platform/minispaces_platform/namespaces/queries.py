"""Reading people and organisations for pages: a fixed number of statements, however many rows."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_platform.models.accounts import User
from minispaces_platform.models.namespaces import Membership, Namespace
from minispaces_platform.models.roles import Role

MEMBERS_MAX = 1000
"""How many a page shows."""


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    full_name: str
    role: Role
    is_suspended: bool


def list_members(session: Session, organization_id: str) -> list[Member]:
    """Admins first."""
    rows = session.execute(
        select(User.name, User.full_name, Membership.role, User.suspended_at)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organization_id == organization_id)
        .order_by(User.name)
        .limit(MEMBERS_MAX)
    )
    members = [Member(name, full_name, role, suspended is not None) for name, full_name, role, suspended in rows]
    return sorted(members, key=lambda member: -member.role.rank)


def list_organizations(session: Session, user_id: str) -> list[tuple[Namespace, Role]]:
    """Those that somebody is in, and as what."""
    rows = session.execute(
        select(Namespace, Membership.role)
        .join(Membership, Membership.organization_id == Namespace.id)
        .where(Membership.user_id == user_id)
        .order_by(Namespace.name)
    )
    return [(row[0], row[1]) for row in rows]
