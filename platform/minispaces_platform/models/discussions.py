"""What people say about a Space, who wants to hear of it, and what its owners are told."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from minispaces_platform.database import Base, Document, Moment, new_id, now, word
from minispaces_platform.models.accounts import User
from minispaces_platform.models.spaces import Space


class CommentKind(StrEnum):
    """What stands in a discussion's course: words, or that somebody changed its state."""

    COMMENT = "comment"
    CLOSED = "closed"
    REOPENED = "reopened"
    RENAMED = "renamed"


class NotificationKind(StrEnum):
    DISCUSSION = "discussion"
    REPLY = "reply"
    MENTION = "mention"
    STATE = "state"
    FEEDBACK = "feedback"


class FeedbackKind(StrEnum):
    MESSAGE = "message"
    FLAG = "flag"


class Discussion(Base):
    """Numbered in its Space, from 1, and never again. Its first comment opens it."""

    __tablename__ = "discussions"
    __table_args__ = (
        UniqueConstraint("space_id", "number"),
        Index("ix_discussions_list", "space_id", "closed_at", "updated_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    author_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    comments: Mapped[int] = mapped_column(default=0)
    """How many are shown besides the first."""
    pinned_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)

    author: Mapped[User | None] = relationship(lazy="raise")


class Comment(Base):
    """A hidden one is shown to nobody but those who may write, and says who hid it."""

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_course", "discussion_id", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    discussion_id: Mapped[str] = mapped_column(ForeignKey("discussions.id", ondelete="CASCADE"))
    author_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    kind: Mapped[CommentKind] = mapped_column(word(CommentKind), default=CommentKind.COMMENT)
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    hidden_at: Mapped[datetime | None] = mapped_column(Moment)

    author: Mapped[User | None] = relationship(lazy="raise")


class Watch(Base):
    """What somebody chose to hear of a Space: everything, or (`wants` False) nothing that does not name them."""

    __tablename__ = "watches"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True, index=True)
    wants: Mapped[bool]


class Notification(Base):
    """Told to one person. What it leads to is found by its Space and number, so that a rename breaks nothing."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_unread", "user_id", sqlite_where=text("read_at IS NULL"),
              postgresql_where=text("read_at IS NULL")),
        Index("ix_notifications_list", "user_id", "id"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    discussion_id: Mapped[str | None] = mapped_column(ForeignKey("discussions.id", ondelete="CASCADE"), index=True)
    kind: Mapped[NotificationKind] = mapped_column(word(NotificationKind))
    actor_name: Mapped[str] = mapped_column(String(63))
    summary: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(Moment, default=now)
    read_at: Mapped[datetime | None] = mapped_column(Moment)

    space: Mapped[Space] = relationship(lazy="raise")
    discussion: Mapped[Discussion | None] = relationship(lazy="raise")


class FlaggedSample(BaseModel):
    """One line of an app's flagged samples: the columns' names with what stood in them."""

    model_config = ConfigDict(frozen=True)

    fields: tuple[tuple[str, str], ...] = ()


class Feedback(Base):
    """Something for a Space's owners: a message from its page, or a sample that somebody flagged in the app.

    `digest` keeps a sample from arriving twice.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("space_id", "digest"),
        Index("ix_feedback_inbox", "space_id", "resolved_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"))
    kind: Mapped[FeedbackKind] = mapped_column(word(FeedbackKind))
    author_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    version: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text, default="")
    sample: Mapped[FlaggedSample] = mapped_column(Document(FlaggedSample), default=FlaggedSample)
    digest: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)

    author: Mapped[User | None] = relationship(lazy="raise")
