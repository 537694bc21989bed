"""Deployments: what should run, and what was last seen of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from minispaces_contract.messages import Artifact, Hardware
from minispaces_contract.states import DesiredState, InstanceStatus
from minispaces_platform.database import Base, Document, Moment, new_id, now, word
from minispaces_platform.models.builds import Build
from minispaces_platform.models.spaces import Space


class Deployment(Base):
    """Artifact and hardware, immutable; `desired` is set by people and by newer deployments, `observed` by the runner.

    `live_at` is when it first answered. A deployment that never did has `observed` FAILED and says why in `detail`.
    """

    __tablename__ = "deployments"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    build_id: Mapped[str] = mapped_column(ForeignKey("builds.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    commit: Mapped[str] = mapped_column(String(64))
    artifact: Mapped[Artifact] = mapped_column(Document(Artifact))
    hardware: Mapped[Hardware] = mapped_column(Document(Hardware))
    startup_seconds: Mapped[float]
    desired: Mapped[DesiredState] = mapped_column(word(DesiredState), default=DesiredState.RUNNING, index=True)
    observed: Mapped[InstanceStatus] = mapped_column(word(InstanceStatus), default=InstanceStatus.STARTING, index=True)
    detail: Mapped[str | None] = mapped_column(Text)
    log_tail: Mapped[str] = mapped_column(Text, default="")
    start_seconds: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    live_at: Mapped[datetime | None] = mapped_column(Moment)
    pictured_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a picture of it was taken, if one was."""
    picture_tries: Mapped[int] = mapped_column(default=0)

    space: Mapped[Space] = relationship(lazy="raise")
    build: Mapped[Build] = relationship(lazy="raise")
