"""Releases: a version put somewhere with the configuration that it runs with, and what was last seen of it."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from minispaces_contract.messages import Artifact, Hardware
from minispaces_contract.states import DesiredState, InstanceStatus
from minispaces_platform.database import Base, Document, Moment, new_id, now, word
from minispaces_platform.models.builds import Build
from minispaces_platform.models.spaces import Space


class Cause(StrEnum):
    """Why a deployment was made."""

    PUSH = "push"
    RESTART = "restart"
    SETTINGS = "settings"
    ROLLBACK = "rollback"
    PROMOTE = "promote"


class KeptValue(BaseModel):
    """A variable as it was. A secret has no `value`: it stays `sealed` (base64), and opens with the row that it had."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: str | None = None
    sealed: str = ""
    row: str = ""


class KeptValues(BaseModel):
    """In the order of their names."""

    model_config = ConfigDict(frozen=True)

    values: tuple[KeptValue, ...] = ()


class Configuration(Base):
    """A Space's variables and secrets as they were at one time: immutable, one row for all releases that share it."""

    __tablename__ = "configurations"
    __table_args__ = (UniqueConstraint("space_id", "digest"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    kept: Mapped[KeptValues] = mapped_column(Document(KeptValues))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Release(Base):
    """Artifact, configuration and hardware, immutable; `observed` is the runner's.

    `live_at` is when it first answered. One that never did has `observed` FAILED and says why in `detail`.
    """

    __abstract__ = True

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    build_id: Mapped[str] = mapped_column(ForeignKey("builds.id", ondelete="CASCADE"), index=True)
    configuration_id: Mapped[str | None] = mapped_column(String(32))
    """None where it was not kept, or no longer is: the variables of now hold."""
    version: Mapped[int]
    commit: Mapped[str] = mapped_column(String(64))
    artifact: Mapped[Artifact] = mapped_column(Document(Artifact))
    hardware: Mapped[Hardware] = mapped_column(Document(Hardware))
    startup_seconds: Mapped[float]
    observed: Mapped[InstanceStatus] = mapped_column(word(InstanceStatus), default=InstanceStatus.STARTING, index=True)
    detail: Mapped[str | None] = mapped_column(Text)
    log_tail: Mapped[str] = mapped_column(Text, default="")
    start_seconds: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    live_at: Mapped[datetime | None] = mapped_column(Moment)
    pictured_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a picture of it was taken, if one was."""
    picture_tries: Mapped[int] = mapped_column(default=0)

    @declared_attr
    def space(self) -> Mapped[Space]:
        return relationship(lazy="raise")

    @declared_attr
    def build(self) -> Mapped[Build]:
        return relationship(lazy="raise")


class Deployment(Release):
    """A version at the Space's own host; `desired` is set by people and by newer deployments."""

    __tablename__ = "deployments"

    desired: Mapped[DesiredState] = mapped_column(word(DesiredState), default=DesiredState.RUNNING, index=True)
    cause: Mapped[Cause] = mapped_column(word(Cause), default=Cause.PUSH)
    released_by: Mapped[str | None] = mapped_column(String(32))
    """Who rolled back or promoted: a person's id, of whom there may be nothing left."""
    aside: Mapped[str | None] = mapped_column(String(64))
    """After a rollback, the mark of the settings that it set aside: until they change, restarts leave them there."""


class Preview(Release):
    """A version at a host of its own, born asleep: the first visitor starts it.

    `label` begins with the commit; `alias` with the branch, and leads to the newest preview of that branch.
    """

    __tablename__ = "previews"

    label: Mapped[str] = mapped_column(String(63), unique=True)
    branch: Mapped[str] = mapped_column(String(255))
    alias: Mapped[str] = mapped_column(String(63), index=True)
