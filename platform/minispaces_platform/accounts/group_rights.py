"""Memberships and the admin role as a provider's groups give them. What people gave by hand stays as it is."""

from collections.abc import Mapping

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from minispaces_platform.accounts import sessions
from minispaces_platform.accounts.providers import Provider
from minispaces_platform.audit import service as audit
from minispaces_platform.models.accounts import User
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.roles import Role
from minispaces_platform.namespaces.service import find_namespace, find_renamed, take_name

log = structlog.get_logger()


def follow_groups(session: Session, user: User, provider: Provider, groups: frozenset[str]) -> None:
    """Give what the provider's word gives, and take back what it no longer does."""
    _follow_memberships(session, user, provider.issuer, roles_from(provider, groups))
    _follow_admin(session, user, provider.issuer, is_admin=bool(groups & provider.admin_groups))


def drop_rights(session: Session, user: User, issuer: str) -> None:
    _follow_memberships(session, user, issuer, {})
    _follow_admin(session, user, issuer, is_admin=False)


def roles_from(provider: Provider, groups: frozenset[str]) -> Mapping[str, Role]:
    """By the organisation's name; the highest where several groups lead to one."""
    roles: dict[str, Role] = {}
    for group, name, role in provider.memberships:
        if group in groups and (name not in roles or role.covers(roles[name])):
            roles[name] = role
    return roles


def _follow_memberships(session: Session, user: User, issuer: str, roles: Mapping[str, Role]) -> None:
    wanted = {found.id: (found, role) for name, role in roles.items() if (found := _organization(session, user, name))}
    held = {each.organization_id: each for each in _memberships(session, user)}
    for organization_id, (organization, role) in wanted.items():
        before = held.get(organization_id)
        if before is None:
            before = Membership(organization_id=organization_id, user_id=user.id, role=role, issuer=issuer)
            session.add(before)
        elif before.issuer != issuer or before.role is role:
            continue
        before.role = role
        audit.record(session, audit.acting(user), "membership.set", organization, role=role.value, issuer=issuer)
    for organization_id in held.keys() - wanted.keys():
        if held[organization_id].issuer == issuer:
            _remove(session, user, held[organization_id])


def _remove(session: Session, user: User, membership: Membership) -> None:
    organization = session.get_one(Organization, membership.organization_id)
    session.execute(delete(Membership).where(Membership.id == membership.id))
    audit.record(session, audit.acting(user), "membership.remove", organization, issuer=membership.issuer)


def _memberships(session: Session, user: User) -> list[Membership]:
    return list(session.scalars(select(Membership).where(Membership.user_id == user.id)))


def _organization(session: Session, user: User, name: str) -> Organization | None:
    """Made when it is missing, found again when it was renamed; None when somebody's account has its name."""
    found = find_namespace(session, name) or find_renamed(session, name)
    if found is None:
        take_name(session, name, what="organisation")
        found = Organization(name=name)
        session.add(found)
        session.flush()
        audit.record(session, audit.acting(user), "organization.create", found)
    if not isinstance(found, Organization):
        log.warning("organization_name_taken", name=name)
        return None
    return found


def _follow_admin(session: Session, user: User, issuer: str, *, is_admin: bool) -> None:
    """Whoever loses it is signed out everywhere; the sign-in that is going on then begins anew."""
    if is_admin and not user.is_admin:
        user.is_admin, user.admin_issuer = True, issuer
        audit.record(session, audit.acting(user), "user.admin", user, admin=True, issuer=issuer)
    elif not is_admin and user.admin_issuer == issuer:
        user.is_admin, user.admin_issuer = False, None
        sessions.end_all(session, user.id)
        audit.record(session, audit.acting(user), "user.admin", user, admin=False, issuer=issuer)
