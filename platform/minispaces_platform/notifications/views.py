"""What one was told, in words, with where it leads. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from minispaces_platform.models.discussions import Notification, NotificationKind
from minispaces_platform.notifications.queries import PAGE_SIZE

_WORDS: Final = {
    NotificationKind.DISCUSSION: "began a discussion",
    NotificationKind.REPLY: "replied",
    NotificationKind.MENTION: "mentioned you",
    NotificationKind.FEEDBACK: "sent feedback",
}


@dataclass(frozen=True, slots=True)
class NotificationView:
    id: str
    kind: str
    who: str
    did: str
    space: str
    summary: str
    at: datetime
    is_unread: bool


@dataclass(frozen=True, slots=True)
class NotificationsView:
    notifications: tuple[NotificationView, ...]
    older: str
    has_unread: bool


def notifications_view(found: Sequence[Notification]) -> NotificationsView:
    shown = tuple(map(_one, found[:PAGE_SIZE]))
    older = shown[-1].id if len(found) > PAGE_SIZE else ""
    return NotificationsView(shown, older, any(each.is_unread for each in shown))


def place_of(notification: Notification) -> str:
    """The Space and the discussion are loaded."""
    path = f"/spaces/{notification.space.full_name}"
    if notification.discussion:
        return f"{path}/discussions/{notification.discussion.number}"
    return f"{path}/feedback" if notification.kind is NotificationKind.FEEDBACK else path


def _one(notification: Notification) -> NotificationView:
    did, summary = _words_of(notification)
    return NotificationView(
        id=notification.id,
        kind=notification.kind.value,
        who=notification.actor_name or "Somebody",
        did=did,
        space=notification.space.full_name,
        summary=summary,
        at=notification.at,
        is_unread=notification.read_at is None,
    )


def _words_of(notification: Notification) -> tuple[str, str]:
    """What was done, and to what. A change of state begins with its own word, such as `closed`."""
    if notification.kind is NotificationKind.STATE:
        verb, _, title = notification.summary.partition(" ")
        return f"{verb} a discussion", title
    return _WORDS[notification.kind], notification.summary
