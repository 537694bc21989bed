"""People: made, found, suspended and reinstated."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_platform.accounts import sessions
from minispaces_platform.database import now
from minispaces_platform.errors import NotFoundError
from minispaces_platform.models.accounts import User
from minispaces_platform.namespaces.service import take_name


def add_user(session: Session, name: str, *, admin: bool = False) -> User:
    """Raises InvalidError for a bad name and ConflictError for a taken one, whatever its case."""
    take_name(session, name, what="user")
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


def suspend(session: Session, user: User, *, reason: str) -> None:
    """They may do nothing from now on; what is theirs stays as it is."""
    user.suspended_at, user.suspended_reason = now(), reason
    sessions.end_all(session, user.id)


def reinstate(user: User) -> None:
    user.suspended_at, user.suspended_reason = None, ""
