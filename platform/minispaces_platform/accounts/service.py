"""People, tokens, one-time links and sessions. Nothing that proves an identity is stored as it was shown."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from minispaces_platform.accounts.models import AccessToken, LoginLink, LoginSession, User
from minispaces_platform.accounts.scopes import Scope
from minispaces_platform.database import now
from minispaces_platform.errors import ConflictError, NotFoundError
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
    secret = secrets.token_urlsafe(32)
    session.add(LoginLink(user_id=user.id, digest=digest(secret), expires_at=now() + timedelta(hours=LINK_HOURS)))
    return secret


def redeem_login_link(session: Session, secret: str) -> str | None:
    """A new session's secret, or None for a link that is unknown, used or too old. The first one wins."""
    won = session.execute(
        update(LoginLink)
        .where(LoginLink.digest == digest(secret), LoginLink.used_at.is_(None), LoginLink.expires_at > now())
        .values(used_at=now())
        .returning(LoginLink.user_id)
    ).scalar_one_or_none()
    return start_session(session, won) if won else None


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
