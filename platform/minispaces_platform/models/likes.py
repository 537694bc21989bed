"""Who likes which Space. The sum stands in `Space.likes`, kept in the same transaction."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_platform.database import Base, Moment, now


class Like(Base):
    __tablename__ = "likes"
    __table_args__ = (
        Index("ix_likes_user_id_created_at", "user_id", "created_at"),
        Index("ix_likes_space_id_created_at", "space_id", "created_at"),
        Index("ix_likes_created_at", "created_at"),
    )

    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
