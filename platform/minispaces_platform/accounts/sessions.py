"""Login sessions: browsers that are signed in, as rows that end at once."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from minispaces_platform.accounts.secrets import digest, new_secret
from minispaces_platform.database import now
from minispaces_platform.models.accounts import LoginSession

SESSION_DAYS = 30


def start_session(
    session: Session, user_id: str, *, issuer: str | None = None, user_agent: str = "", address: str = ""
) -> str:
    """The new session's secret, for its cookie."""
    secret = new_secret()
    row = LoginSession(
        user_id=user_id, digest=digest(secret), issuer=issuer, user_agent=user_agent[:200], address=address[:64],
        expires_at=now() + timedelta(days=SESSION_DAYS),
    )  # fmt: skip
    session.add(row)
    return secret


def find_session(session: Session, secret: str) -> LoginSession | None:
    """One that is good now."""
    return session.scalar(
        select(LoginSession).where(
            LoginSession.digest == digest(secret), LoginSession.ended_at.is_(None), LoginSession.expires_at > now()
        )
    )


def end_session(session: Session, secret: str) -> None:
    if row := find_session(session, secret):
        row.ended_at = now()


def end_all(session: Session, user_id: str, *, but: str | None = None) -> None:
    """Sign somebody out everywhere; `but` is a session's id that stays."""
    live = update(LoginSession).where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
    session.execute((live.where(LoginSession.id != but) if but else live).values(ended_at=now()))
