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


def end_session(session: Session, secret: str) -> str | None:
    """The provider that it came from, if it was a session."""
    row = find_session(session, secret)
    if row is None:
        return None
    row.ended_at = now()
    return row.issuer


def end_all(session: Session, user_id: str, *, but: str | None = None, issuer: str | None = None) -> None:
    """Sign somebody out everywhere; `but` is a session's id that stays, `issuer` narrows it to one way in."""
    live = update(LoginSession).where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
    narrower = [condition for condition, asked in (
        (LoginSession.id != but, but), (LoginSession.issuer == issuer, issuer),
    ) if asked]  # fmt: skip
    session.execute(live.where(*narrower).values(ended_at=now()))


def end_one(session: Session, user_id: str, session_id: str) -> bool:
    """Whether there was such a session of theirs."""
    own = update(LoginSession).where(
        LoginSession.id == session_id, LoginSession.user_id == user_id, LoginSession.ended_at.is_(None)
    )
    return session.scalar(own.values(ended_at=now()).returning(LoginSession.id)) is not None


def sessions_of(session: Session, user_id: str) -> list[LoginSession]:
    """Those that are good now, the last used first."""
    live = (LoginSession.user_id == user_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > now())
    return list(session.scalars(select(LoginSession).where(*live).order_by(LoginSession.last_seen_at.desc())))
