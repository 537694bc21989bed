"""Reading discussions: a fixed number of statements, however long they are."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from minispaces_platform.models.accounts import User
from minispaces_platform.models.discussions import Comment, Discussion

PAGE_SIZE = 30
COMMENTS_PAGE = 50


def list_discussions(session: Session, space_id: str, *, closed: bool, page: int) -> Sequence[Discussion]:
    """Pinned ones first, then what was last talked in. One more than a page holds, where there are more."""
    state = Discussion.closed_at.is_not(None) if closed else Discussion.closed_at.is_(None)
    return session.scalars(
        select(Discussion)
        .options(joinedload(Discussion.author))
        .where(Discussion.space_id == space_id, state)
        .order_by(Discussion.pinned_at.is_(None), Discussion.updated_at.desc(), Discussion.number.desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    ).all()


def count_discussions(session: Session, space_id: str) -> tuple[int, int]:
    """Open and closed ones."""
    row = session.execute(
        select(func.count(), func.count(Discussion.closed_at)).where(Discussion.space_id == space_id)
    ).one()
    return row[0] - row[1], row[1]


def list_comments(session: Session, discussion_id: str, *, page: int) -> Sequence[Comment]:
    """In their order; one more than a page holds, where there are more."""
    return session.scalars(
        select(Comment)
        .options(joinedload(Comment.author))
        .where(Comment.discussion_id == discussion_id)
        .order_by(Comment.id)
        .offset((page - 1) * COMMENTS_PAGE)
        .limit(COMMENTS_PAGE + 1)
    ).all()


def count_pages(session: Session, discussion_id: str) -> int:
    comments = session.scalar(select(func.count(Comment.id)).where(Comment.discussion_id == discussion_id)) or 0
    return max(1, -(-comments // COMMENTS_PAGE))


def find_people(session: Session, names: Collection[str]) -> Sequence[User]:
    """By names in lower case; those that nobody has are left out."""
    return session.scalars(select(User).where(func.lower(User.name).in_(names))).all() if names else ()
