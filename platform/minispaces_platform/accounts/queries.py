"""Reading accounts for pages."""

from sqlalchemy.orm import Session

from minispaces_platform.accounts.links import find_link, needs_setup
from minispaces_platform.models.accounts import User


def user_of_login_link(session: Session, secret: str) -> User | None:
    """Whom a link would sign in, without using it up."""
    link = find_link(session, secret)
    return session.get(User, link.user_id) if link and link.user_id else None


def is_setup_link(session: Session, secret: str) -> bool:
    """Whether whoever holds it may still become the first admin."""
    link = find_link(session, secret)
    return link is not None and link.user_id is None and needs_setup(session)
