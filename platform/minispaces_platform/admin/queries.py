"""Reading people and Spaces for admins: one statement a list, a page at a time, in the order of their names."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from minispaces_platform.models.accounts import User
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.spaces import Space

PAGE_SIZE = 100


def list_people(session: Session, *, search: str = "", after: str = "") -> Sequence[User]:
    """One more than a page holds, where there are more. `after` is the name that the page before ended with."""
    name = func.lower(User.name)
    found = or_(
        name.contains(search.lower(), autoescape=True),
        func.lower(User.full_name).contains(search.lower(), autoescape=True),
    )
    people = select(User).where(found if search else true(), name > after.lower()).order_by(name)
    return session.scalars(people.limit(PAGE_SIZE + 1)).all()


def list_all_spaces(session: Session, *, search: str = "", before: str = "") -> Sequence[Space]:
    """Newest first, whatever their visibility; `before` is the id that the page before ended with."""
    full_name = func.lower(Namespace.name + "/" + Space.name)
    found = full_name.contains(search.lower(), autoescape=True) if search else true()
    spaces = select(Space).join(Space.owner).options(joinedload(Space.owner))
    older = Space.id < before if before else true()
    return session.scalars(spaces.where(found, older).order_by(Space.id.desc()).limit(PAGE_SIZE + 1)).all()


def every_user(session: Session) -> Sequence[User]:
    return session.scalars(select(User).order_by(func.lower(User.name))).all()
