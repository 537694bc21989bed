"""Hardware: the flavours that an installation offers, who may have which, and what GPUs were used for."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_contract.messages import Hardware
from minispaces_platform.database import Base, Document, Moment


class Names(BaseModel):
    model_config = ConfigDict(frozen=True)

    names: tuple[str, ...] = ()


class Flavour(Base):
    """`hardware` is what a Space of this flavour gets. One that is not open is for those alone whom a rule names it.

    A retired flavour is chosen by nobody any more; the Spaces that have it keep it.
    """

    __tablename__ = "flavours"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    label: Mapped[str] = mapped_column(String(60))
    hardware: Mapped[Hardware] = mapped_column(Document(Hardware))
    is_open: Mapped[bool] = mapped_column(default=True)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)


class HardwareRule(Base):
    """What new Spaces of a person or an organisation begin with, and which flavours they may have.

    `allowed` None is every open flavour.
    """

    __tablename__ = "hardware_rules"

    namespace_id: Mapped[str] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True)
    default: Mapped[str | None] = mapped_column(ForeignKey("flavours.name"))
    allowed: Mapped[Names | None] = mapped_column(Document(Names))


class GpuMonth(Base):
    """GPU seconds of a person or an organisation in a month (`2026-11`); they outlive the Spaces that used them."""

    __tablename__ = "gpu_months"

    namespace_id: Mapped[str] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    seconds: Mapped[float] = mapped_column(default=0.0)


class GpuNow(Base):
    """What the runner last said of a Space's leases. `counted` seconds of `epoch` are in a month already."""

    __tablename__ = "gpu_now"

    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    epoch: Mapped[str] = mapped_column(String(32))
    counted: Mapped[float]
    holding: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    position: Mapped[int | None]
    wait_seconds: Mapped[float | None]
