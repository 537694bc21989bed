"""Reading accounts for pages."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from minispaces_platform.access import Actor
from minispaces_platform.accounts.links import find_link, needs_setup
from minispaces_platform.models.accounts import AccessToken, AccessTokenSpace, User
from minispaces_platform.models.spaces import Space

MOST_SPACES = 200
"""On the form of a token for single Spaces."""


def user_of_login_link(session: Session, secret: str) -> User | None:
    """Whom a link would sign in, without using it up."""
    link = find_link(session, secret)
    return session.get(User, link.user_id) if link and link.user_id else None


def is_setup_link(session: Session, secret: str) -> bool:
    """Whether whoever holds it may still become the first admin."""
    link = find_link(session, secret)
    return link is not None and link.user_id is None and needs_setup(session)


def spaces_of(session: Session, actor: Actor) -> list[Space]:
    """Their own, and those in which they have a role, with their owners; not what is merely open to them."""
    held = [actor.user.id if actor.user else "", *actor.roles]
    mine = select(Space).options(joinedload(Space.owner)).where(Space.owner_id.in_(held) | Space.id.in_(held))
    spaces = session.scalars(mine.order_by(Space.updated_at.desc()).limit(MOST_SPACES)).all()
    return sorted(spaces, key=lambda space: space.full_name.lower())


def spaces_of_tokens(session: Session, user: User) -> Mapping[str, tuple[str, ...]]:
    """The names of the Spaces that a person's restricted tokens are good for, by the token's id."""
    rows = session.execute(
        select(AccessTokenSpace.token_id, Space)
        .join(Space, Space.id == AccessTokenSpace.space_id)
        .join(AccessToken, AccessToken.id == AccessTokenSpace.token_id)
        .where(AccessToken.user_id == user.id)
        .options(joinedload(Space.owner))
    )
    names: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for token_id, space in rows:
        names[token_id] += (space.full_name,)
    return names
