"""One-time links: signing in without a provider, and the first admin's way in."""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from minispaces_platform.accounts.secrets import digest, new_secret
from minispaces_platform.accounts.service import add_user
from minispaces_platform.audit import service as audit
from minispaces_platform.database import now
from minispaces_platform.models.accounts import LoginLink, User

LINK_HOURS = 24


def create_login_link(session: Session, user: User) -> str:
    """The secret part of a link that signs in once, within a day."""
    return _create_link(session, user_id=user.id)


def _create_link(session: Session, *, user_id: str | None) -> str:
    secret = new_secret()
    session.add(LoginLink(user_id=user_id, digest=digest(secret), expires_at=now() + timedelta(hours=LINK_HOURS)))
    return secret


def find_link(session: Session, secret: str) -> LoginLink | None:
    """An unused link that is still good; looking does not use it."""
    return session.scalar(
        select(LoginLink).where(
            LoginLink.digest == digest(secret), LoginLink.used_at.is_(None), LoginLink.expires_at > now()
        )
    )


def redeem_login_link(session: Session, secret: str) -> User | None:
    """Whom it signs in; None for a link that is unknown, used or too old. The first one wins."""
    link = find_link(session, secret)
    if link is None or link.user_id is None or not _use(session, link):
        return None
    return session.get(User, link.user_id)


def _use(session: Session, link: LoginLink) -> bool:
    won = update(LoginLink).where(LoginLink.id == link.id, LoginLink.used_at.is_(None)).values(used_at=now())
    return session.scalar(won.returning(LoginLink.id)) is not None


def needs_setup(session: Session) -> bool:
    """No admin yet: whoever holds the setup link becomes the first."""
    return session.scalar(select(User.id).where(User.is_admin).limit(1)) is None


def create_setup_link(session: Session) -> str:
    """The secret part of the first admin's link; the ones made before no longer count."""
    session.execute(delete(LoginLink).where(LoginLink.user_id.is_(None)))
    return _create_link(session, user_id=None)


def redeem_setup_link(session: Session, secret: str, *, name: str) -> User | None:
    """Make the first admin. None for a link that is not to be had; InvalidError for a bad name."""
    link = find_link(session, secret)
    if link is None or link.user_id is not None or not needs_setup(session) or not _use(session, link):
        return None
    user = add_user(session, name, admin=True)
    audit.record(session, audit.acting(user), "user.create", user, admin=True)
    return user
