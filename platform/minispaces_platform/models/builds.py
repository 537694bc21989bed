"""Revisions and builds: which commits were pushed, and every attempt to turn one into an artifact."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from minispaces_contract.messages import AppConfig, Artifact, Phase
from minispaces_contract.states import BuildStatus, Stage
from minispaces_platform.database import Base, Document, Moment, new_id, now, word
from minispaces_platform.models.spaces import Space


class Phases(BaseModel):
    """How long a build's parts took."""

    phases: tuple[Phase, ...] = ()


class Purpose(StrEnum):
    """What a build is for: the default branch's next version, a preview alone, or what somebody wants to be live."""

    PUSH = "push"
    PREVIEW = "preview"
    ASKED = "asked"


class Revision(Base):
    """One commit that became the tip of a branch. Immutable."""

    __tablename__ = "revisions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    branch: Mapped[str] = mapped_column(String(255))
    commit: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(200), default="")
    message: Mapped[str] = mapped_column(Text, default="")
    pushed_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    pushed_at: Mapped[datetime] = mapped_column(Moment, default=now)
    config: Mapped[AppConfig] = mapped_column(Document(AppConfig))

    @property
    def title(self) -> str:
        return self.message.split("\n", 1)[0]


class Build(Base):
    """One attempt, numbered as the Space's version. `lease_until` is the builder's; past it, anybody may retry."""

    __tablename__ = "builds"
    __table_args__ = (
        UniqueConstraint("space_id", "version"),
        Index("ix_builds_status_lease_until", "status", "lease_until"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    revision_id: Mapped[str] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    purpose: Mapped[Purpose] = mapped_column(word(Purpose), default=Purpose.PUSH)
    status: Mapped[BuildStatus] = mapped_column(word(BuildStatus), default=BuildStatus.QUEUED)
    attempt: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str | None] = mapped_column(Text)
    failed_stage: Mapped[Stage | None] = mapped_column(word(Stage))
    """The word for a failure that is not plainly BUILD_ERROR, such as NO_APP_FILE."""
    artifact: Mapped[Artifact | None] = mapped_column(Document(Artifact))
    let_go_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the collector was first allowed to remove the artifact: from then on it counts as gone."""
    timing: Mapped[Phases] = mapped_column(Document(Phases), default=Phases)
    log_archived: Mapped[bool] = mapped_column(default=False)

    revision: Mapped[Revision] = relationship(lazy="raise")
    space: Mapped[Space] = relationship(lazy="raise")
