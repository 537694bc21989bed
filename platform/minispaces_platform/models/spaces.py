"""Spaces: a repository with an app, and the host name it is served on."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from minispaces_contract.messages import Hardware
from minispaces_platform.database import Base, Document, Moment, new_id, now
from minispaces_platform.models.accounts import User
from minispaces_platform.models.card import SpaceCard


class Space(Base):
    """`host_label` is decided once and never recomputed, so that links survive. `card` is the README's front matter
    as of the newest revision; `config_error` says in words why that one could not be read.
    """

    __tablename__ = "spaces"
    __table_args__ = (Index("uq_spaces_owner_name_lower", "owner_id", text("lower(name)"), unique=True),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(63))
    host_label: Mapped[str] = mapped_column(String(63), unique=True)
    default_branch: Mapped[str] = mapped_column(String(255), default="main")
    card: Mapped[SpaceCard] = mapped_column(Document(SpaceCard), default=SpaceCard)
    hardware: Mapped[Hardware] = mapped_column(Document(Hardware), default=Hardware)
    versions: Mapped[int] = mapped_column(default=0)
    """The highest version number given out so far."""
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)

    owner: Mapped[User] = relationship(lazy="raise")

    @property
    def full_name(self) -> str:
        return f"{self.owner.name}/{self.name}"
