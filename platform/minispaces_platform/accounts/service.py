"""People, tokens, one-time links and sessions. Nothing that proves an identity is stored as it was shown."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from minispaces_platform.database import now
from minispaces_platform.errors import ConflictError, NotFoundError
from minispaces_platform.models.accounts import AccessToken, LoginLink, LoginSession, User
from minispaces_platform.models.scopes import Scope
from minispaces_platform.names import check_name

TOKEN_PREFIX = "msp_"  # noqa: S105 - not a secret: what secret scanners look for
LINK_HOURS = 24
SESSION_DAYS = 30


def digest(secret: str) -> str:
    """SHA-256 is enough for 256 random bits; a slow hash would only slow git down."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()


def add_user(session: Session, name: str, *, admin: bool = False) -> User:
    """Raises InvalidError for a bad name and ConflictError for a taken one, whatever its case."""
    check_name(name, what="user")
    if find_user(session, name):
        raise ConflictError(f"The name {name!r} is taken.", hint="Names differ by more than upper and lower case.")
    user = User(name=name, is_admin=admin)
    session.add(user)
    session.flush()
    return user


def find_user(session: Session, name: str) -> User | None:
    return session.scalar(select(User).where(func.lower(User.name) == name.lower()))


def get_user(session: Session, name: str) -> User:
    if user := find_user(session, name):
        return user
    raise NotFoundError(f"There is no user {name!r}.", hint=f"Add one: minispaces user add {name}")


def create_token(session: Session, user: User, *, scope: Scope) -> str:
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    session.add(AccessToken(user_id=user.id, scope=scope, digest=digest(token)))
    return token


def user_of_token(session: Session, token: str) -> tuple[User, Scope] | None:
    row = session.execute(
        select(User, AccessToken.scope).join(AccessToken).where(AccessToken.digest == digest(token))
    ).one_or_none()
    return row.tuple() if row else None


def create_login_link(session: Session, user: User) -> str:
    """The secret part of a link that signs in once, within a day."""
    return _create_link(session, user_id=user.id)


def _create_link(session: Session, *, user_id: str | None) -> str:
    secret = secrets.token_urlsafe(32)
    session.add(LoginLink(user_id=user_id, digest=digest(secret), expires_at=now() + timedelta(hours=LINK_HOURS)))
    return secret


def find_link(session: Session, secret: str) -> LoginLink | None:
    """An unused link that is still good; looking does not use it."""
    return session.scalar(
        select(LoginLink).where(
            LoginLink.digest == digest(secret), LoginLink.used_at.is_(None), LoginLink.expires_at > now()
        )
    )


def redeem_login_link(session: Session, secret: str) -> str | None:
    """A new session's secret, or None for a link that is unknown, used or too old. The first one wins."""
    link = find_link(session, secret)
    if link is None or link.user_id is None or not _use(session, link):
        return None
    return start_session(session, link.user_id)


def _use(session: Session, link: LoginLink) -> bool:
    won = update(LoginLink).where(LoginLink.id == link.id, LoginLink.used_at.is_(None)).values(used_at=now())
    return session.scalar(won.returning(LoginLink.id)) is not None


def start_session(session: Session, user_id: str) -> str:
    secret = secrets.token_urlsafe(32)
    session.add(LoginSession(user_id=user_id, digest=digest(secret), expires_at=now() + timedelta(days=SESSION_DAYS)))
    return secret


def user_of_session(session: Session, secret: str) -> User | None:
    return session.scalar(
        select(User).join(LoginSession).where(LoginSession.digest == digest(secret), LoginSession.expires_at > now())
    )


def end_session(session: Session, secret: str) -> None:
    if row := session.scalar(select(LoginSession).where(LoginSession.digest == digest(secret))):
        session.delete(row)


def needs_setup(session: Session) -> bool:
    """No admin yet: whoever holds the setup link becomes the first."""
    return session.scalar(select(User.id).where(User.is_admin).limit(1)) is None


def create_setup_link(session: Session) -> str:
    """The secret part of the first admin's link; the ones made before no longer count."""
    session.execute(delete(LoginLink).where(LoginLink.user_id.is_(None)))
    return _create_link(session, user_id=None)


def redeem_setup_link(session: Session, secret: str, *, name: str) -> str | None:
    """Make the first admin and sign them in. None for a link that is not to be had; InvalidError for a bad name."""
    link = find_link(session, secret)
    if link is None or link.user_id is not None or not needs_setup(session) or not _use(session, link):
        return None
    return start_session(session, add_user(session, name, admin=True).id)
