"""Liking Spaces. The counters on the Space are kept in the transaction that changes them."""

from dataclasses import dataclass

from sqlalchemy import case, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from minispaces_contract import hints
from minispaces_platform.access import Action, Actor, may, readable
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import announce
from minispaces_platform.models.accounts import User
from minispaces_platform.models.likes import Like
from minispaces_platform.models.spaces import Space
from minispaces_platform.spaces.briefs import SpaceBrief, briefs

LIKERS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class LikeView:
    """What the button shows. `sign_in` is where strangers are led."""

    path: str
    count: int
    liked: bool
    may_like: bool
    sign_in: str


def like(session: Session, actor: Actor, user: User, space: Space) -> None:
    """Twice is once."""
    try:
        with session.begin_nested():
            session.add(Like(space_id=space.id, user_id=user.id))
    except IntegrityError:
        return
    audit.record(session, actor, "space.like", space)
    _count(session, space, 1)


def unlike(session: Session, actor: Actor, user: User, space: Space) -> None:
    mine = delete(Like).where(Like.space_id == space.id, Like.user_id == user.id)
    if session.scalar(mine.returning(Like.user_id)):
        audit.record(session, actor, "space.unlike", space)
        _count(session, space, -1)


def _count(session: Session, space: Space, by: int) -> None:
    """In SQL: others like it at the same time."""
    row, warmer = session.get_one(Space, space.id), Space.trending + by
    row.likes, row.trending = Space.likes + by, case((warmer > 0, warmer), else_=0.0)
    announce(session, hints.space(space.id))


def like_of(session: Session, actor: Actor, space: Space) -> LikeView:
    """One statement for those who are signed in, none for strangers."""
    me = actor.user
    liked = me is not None and session.get(Like, (space.id, me.id)) is not None
    path = f"/spaces/{space.full_name}"
    return LikeView(path, space.likes, liked, may(actor, Action.LIKE, space), f"/login?next={path}")


def list_likers(session: Session, space: Space) -> list[tuple[str, str]]:
    """Names and full names, last first."""
    rows = session.execute(
        select(User.name, User.full_name)
        .join(Like, Like.user_id == User.id)
        .where(Like.space_id == space.id)
        .order_by(Like.created_at.desc())
        .limit(LIKERS_SHOWN)
    )
    return [(name, full_name) for name, full_name in rows]


def liked_by(session: Session, actor: Actor, user_id: str, *, most: int) -> list[SpaceBrief]:
    """Those that `actor` may read, last liked first. Two statements."""
    ids = session.scalars(
        select(Space.id)
        .join(Like, Like.space_id == Space.id)
        .where(Like.user_id == user_id, readable(actor))
        .order_by(Like.created_at.desc())
        .limit(most)
    ).all()
    return briefs(session, ids)
