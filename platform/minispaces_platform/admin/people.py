"""What an admin of the installation does about people. There is always one who can act."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_contract import hints
from minispaces_platform.access import Actor
from minispaces_platform.accounts import links, service
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import announce
from minispaces_platform.errors import ConflictError
from minispaces_platform.models.accounts import User
from minispaces_platform.spaces.takedown import check_reason


def suspend(session: Session, actor: Actor, user: User, *, reason: str) -> None:
    """Sessions end at once, tokens answer with the reason. Raises ConflictError for the last admin."""
    reason = check_reason(reason)
    _refuse_for_last_admin(session, user)
    service.suspend(session, user, reason=reason)
    audit.record(session, actor, "user.suspend", user, reason=reason)
    announce(session, hints.WORLD)


def reinstate(session: Session, actor: Actor, user: User) -> None:
    if user.suspended_at is None:
        return
    audit.record(session, actor, "user.reinstate", user, reason=user.suspended_reason)
    service.reinstate(user)


def set_admin(session: Session, actor: Actor, user: User, *, admin: bool) -> None:
    """By hand, so that no sign-in provider's answer ends it. Raises ConflictError for the last one."""
    if user.is_admin is admin:
        return
    if not admin:
        _refuse_for_last_admin(session, user)
    user.is_admin, user.admin_issuer = admin, None
    audit.record(session, actor, "user.admin", user, admin=admin)
    announce(session, hints.WORLD)


def make_login_link(session: Session, actor: Actor, user: User) -> str:
    """The secret part of a one-time link, to be shown this once."""
    if user.suspended_at:
        raise ConflictError(f"{user.name} is suspended.", hint="Reinstate them first.")
    audit.record(session, actor, "user.login_link", user)
    return links.create_login_link(session, user)


def _refuse_for_last_admin(session: Session, user: User) -> None:
    """Locks the admins' rows where rows can be locked: two who end each other at once must not both succeed."""
    if not user.is_admin or user.suspended_at:
        return
    admins = session.scalars(
        select(User.id).where(User.is_admin, User.suspended_at.is_(None)).with_for_update(of=User.__table__)
    ).all()
    if set(admins) == {user.id}:
        raise ConflictError(f"{user.name} is the last admin.", hint="Make somebody else admin first.")
