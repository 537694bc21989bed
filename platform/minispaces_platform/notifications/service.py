"""Telling people what happened: one row for each, and never to somebody who may not read the Space."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, union_all, update
from sqlalchemy.orm import Session

from minispaces_platform.access import Action, Actor, Carrier, may
from minispaces_platform.database import Database, now
from minispaces_platform.models.accounts import User
from minispaces_platform.models.discussions import Discussion, Notification, NotificationKind
from minispaces_platform.models.namespaces import Membership
from minispaces_platform.models.roles import Role
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Collaborator, Space
from minispaces_platform.notifications.recipients import followers_of, owners_of

MOST_TOLD = 500
"""At once: beyond that somebody uses the bell as a megaphone."""


@dataclass(frozen=True, slots=True)
class News:
    """`by` is None for what nobody did, such as a sample that an app kept."""

    kind: NotificationKind
    space: Space
    by: User | None
    summary: str
    discussion: Discussion | None = None


def tell(session: Session, news: News, user_ids: Collection[str]) -> None:
    """Not whoever did it. Two statements, however many are told."""
    wanted = sorted(set(user_ids) - {news.by.id if news.by else ""})[:MOST_TOLD]
    if not wanted:
        return
    for user in _readers(session, news.space, wanted):
        session.add(
            Notification(
                user_id=user.id, space_id=news.space.id, kind=news.kind, summary=news.summary[:300],
                discussion_id=news.discussion.id if news.discussion else None,
                actor_name=news.by.name if news.by else "",
            )
        )  # fmt: skip


def tell_owners(session: Session, news: News) -> None:
    """But for those who want quiet."""
    tell(session, news, owners_of(session, news.space) & followers_of(session, news.space))


def mark_read(session: Session, user_id: str, *, only: str | None = None) -> None:
    """All that somebody was told, or one."""
    unread = update(Notification).where(Notification.user_id == user_id, Notification.read_at.is_(None))
    session.execute((unread.where(Notification.id == only) if only else unread).values(read_at=now()))


def read_discussion(database: Database, user_id: str, *, space_id: str, number: int) -> None:
    """Whoever looks at a discussion has read what the bell says of it. Mostly nothing is there, or written."""
    named = select(Discussion.id).where(Discussion.space_id == space_id, Discussion.number == number)
    unread = (
        Notification.user_id == user_id,
        Notification.read_at.is_(None),
        Notification.discussion_id == named.scalar_subquery(),
    )
    with database.reading() as session:
        if session.scalar(select(Notification.id).where(*unread).limit(1)) is None:
            return
    with database.writing() as session:
        session.execute(update(Notification).where(*unread).values(read_at=now()))


def _readers(session: Session, space: Space, user_ids: Sequence[str]) -> list[User]:
    """Those who may read the Space, whatever they may do besides."""
    users = session.scalars(select(User).where(User.id.in_(user_ids), User.suspended_at.is_(None))).all()
    roles: defaultdict[str, dict[str, Role]] = defaultdict(dict)
    members = select(Membership.user_id, Membership.organization_id, Membership.role)
    helpers = select(Collaborator.user_id, Collaborator.space_id, Collaborator.role)
    for user_id, thing_id, role in session.execute(
        union_all(
            members.where(Membership.user_id.in_(user_ids), Membership.organization_id == space.owner_id),
            helpers.where(Collaborator.user_id.in_(user_ids), Collaborator.space_id == space.id),
        )
    ):
        roles[user_id][thing_id] = Role(role)
    asked = {user.id: Actor(user, Scope.WRITE, Carrier.COOKIE, roles[user.id]) for user in users}
    return [user for user in users if may(asked[user.id], Action.READ, space)]
