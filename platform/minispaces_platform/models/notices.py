"""What admins tell everybody, and how much somebody may have."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_platform.database import Base, Moment, new_id, now, word


class NoticeKind(StrEnum):
    """Maintenance also keeps everybody but admins from changing anything."""

    ANNOUNCEMENT = "announcement"
    MAINTENANCE = "maintenance"


class Tone(StrEnum):
    NEWS = "news"
    GOOD = "good"
    WARNING = "warning"


class Notice(Base):
    __tablename__ = "notices"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[NoticeKind] = mapped_column(word(NoticeKind))
    tone: Mapped[Tone] = mapped_column(word(Tone), default=Tone.NEWS)
    text: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    ends_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment, index=True)


class Quota(Base):
    """What a person or an organisation may have. None is as much as the installation's default allows."""

    __tablename__ = "quotas"

    namespace_id: Mapped[str] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True)
    spaces: Mapped[int | None]
    running: Mapped[int | None]
    disk: Mapped[int | None] = mapped_column(BigInteger)
    """In bytes, as the next."""
    memory: Mapped[int | None] = mapped_column(BigInteger)
    gpu_minutes: Mapped[int | None]
    """In a calendar month."""
    builds: Mapped[int | None]
    """At once; others wait."""
