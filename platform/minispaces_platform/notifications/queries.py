"""What somebody was told, as far as they may still read it."""

from collections.abc import Sequence

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from minispaces_platform.access import Actor, readable
from minispaces_platform.models.discussions import Notification
from minispaces_platform.models.spaces import Space

PAGE_SIZE = 50
MOST_COUNTED = 100


def count_unread(session: Session, actor: Actor) -> int:
    """One statement over an index of unread ones; stops counting at 100."""
    if actor.user is None:
        return 0
    unread = (
        select(Notification.id)
        .join(Notification.space)
        .where(Notification.user_id == actor.user.id, Notification.read_at.is_(None), readable(actor))
        .limit(MOST_COUNTED)
    )
    return session.scalar(select(func.count()).select_from(unread.subquery())) or 0


def list_notifications(session: Session, actor: Actor, user_id: str, *, before: str = "") -> Sequence[Notification]:
    """Newest first; one more than a page holds, where there are more."""
    return session.scalars(
        select(Notification)
        .join(Notification.space)
        .options(contains_eager(Notification.space).joinedload(Space.owner), joinedload(Notification.discussion))
        .where(Notification.user_id == user_id, readable(actor), Notification.id < before if before else true())
        .order_by(Notification.id.desc())
        .limit(PAGE_SIZE + 1)
    ).all()


def find_notification(session: Session, actor: Actor, user_id: str, notification_id: str) -> Notification | None:
    return session.scalar(
        select(Notification)
        .join(Notification.space)
        .options(contains_eager(Notification.space).joinedload(Space.owner), joinedload(Notification.discussion))
        .where(Notification.id == notification_id, Notification.user_id == user_id, readable(actor))
    )
