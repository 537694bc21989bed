"""Who is in an organisation, and as what. There is always an admin who can act."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_contract import hints
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import announce
from minispaces_platform.errors import ConflictError, NotFoundError
from minispaces_platform.models.accounts import User
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.roles import Role


def add_member(session: Session, actor: Actor, organization: Organization, *, user: User, role: Role) -> None:
    """Raises ConflictError for somebody who is in it."""
    if _find(session, organization, user):
        raise ConflictError(f"{user.name} is in {organization.name} already.", hint="Change their role instead.")
    session.add(Membership(organization_id=organization.id, user_id=user.id, role=role))
    audit.record(session, actor, "membership.set", organization, member=user.name, role=role)


def change_role(session: Session, actor: Actor, organization: Organization, *, user: User, role: Role) -> None:
    """Raises NotFoundError, and ConflictError for the last admin."""
    member = _get(session, organization, user)
    if member.role is role:
        return
    if role is not Role.ADMIN:
        _refuse_for_last_admin(session, organization, member)
    audit.record(session, actor, "membership.set", organization, member=user.name, before=member.role, role=role)
    member.role, member.issuer = role, None  # given by hand: no provider's answer changes it
    announce(session, hints.WORLD)


def remove_member(session: Session, actor: Actor, organization: Organization, *, user: User) -> None:
    """Also how somebody leaves. Raises NotFoundError, and ConflictError for the last admin."""
    member = _get(session, organization, user)
    _refuse_for_last_admin(session, organization, member)
    audit.record(session, actor, "membership.remove", organization, member=user.name, role=member.role)
    session.delete(member)
    announce(session, hints.WORLD)


def _find(session: Session, organization: Organization, user: User) -> Membership | None:
    return session.scalar(
        select(Membership).where(Membership.organization_id == organization.id, Membership.user_id == user.id)
    )


def _get(session: Session, organization: Organization, user: User) -> Membership:
    """Locks the organisation where rows can be: of two admins who lower each other at once, one must fail."""
    session.execute(select(Organization.id).where(Organization.id == organization.id).with_for_update())
    if member := _find(session, organization, user):
        return member
    raise NotFoundError(f"{user.name} is not in {organization.name}.")


def _refuse_for_last_admin(session: Session, organization: Organization, member: Membership) -> None:
    """Somebody suspended cannot act, and so does not count."""
    if member.role is not Role.ADMIN:
        return
    others = select(func.count(Membership.id)).join(User, User.id == Membership.user_id).where(
        Membership.organization_id == organization.id, Membership.role == Role.ADMIN,
        Membership.id != member.id, User.suspended_at.is_(None),
    )  # fmt: skip
    if not session.scalar(others):
        raise ConflictError(
            f"{organization.name} would have no admin left.", hint="Make somebody else admin first, or delete it."
        )
