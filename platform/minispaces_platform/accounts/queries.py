"""Reading accounts for pages."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_platform.accounts.models import LoginLink, User
from minispaces_platform.accounts.service import digest
from minispaces_platform.database import now


def user_of_login_link(session: Session, secret: str) -> User | None:
    """Whom a link would sign in, without using it up."""
    return session.scalar(
        select(User)
        .join(LoginLink)
        .where(LoginLink.digest == digest(secret), LoginLink.used_at.is_(None), LoginLink.expires_at > now())
    )
