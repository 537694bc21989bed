"""What Spaces keep at /data: which volumes there should be, and which somebody gave up."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_platform.database import Base, Moment, new_id, now


class SpaceStorage(Base):
    """A Space has one or none. `id` is the volume's: one that is given up and one that comes later share nothing.

    `used` and `limit` are what the runner saw last, in bytes; a `limit` of 0 is one that nobody keeps.
    """

    __tablename__ = "storages"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), unique=True)
    size_mb: Mapped[int]
    used: Mapped[int] = mapped_column(BigInteger, default=0)
    limit: Mapped[int] = mapped_column(BigInteger, default=0)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class RemovedStorage(Base):
    """Outlives its Space: only what is named here is deleted by the runner."""

    __tablename__ = "removed_storages"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    removed_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
