"""Variables and secrets: what an app finds in its environment besides what the hub says."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_platform.database import Base, Moment, new_id, now


class Variable(Base):
    """One name in a Space's environment. A secret has no `value`: what it holds is `sealed` with the row's id.

    Both kinds share one table, so that no name is ever both.
    """

    __tablename__ = "variables"
    __table_args__ = (
        UniqueConstraint("space_id", "name"),
        CheckConstraint("(value IS NULL) <> (sealed IS NULL)", name="plain_or_sealed"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(128))
    value: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    updated_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)

    @property
    def is_secret(self) -> bool:
        return self.sealed is not None
