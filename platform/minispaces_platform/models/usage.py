"""What apps and the machine use: the newest values with a short history, a row each, written every few seconds."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_contract.usage import MachineUsage
from minispaces_platform.database import Base, Document, Moment


class Point(BaseModel):
    """A minute: mean CPUs, most memory, and bytes that went in or out."""

    model_config = ConfigDict(frozen=True)

    minute: int
    cpus: float = 0
    memory: int = 0
    traffic: int = 0
    samples: int = 1


class History(BaseModel):
    """The last hour, oldest first."""

    model_config = ConfigDict(frozen=True)

    points: tuple[Point, ...] = ()


class SpaceUsage(Base):
    """Of all of a Space's instances together. Gone when nothing of it runs."""

    __tablename__ = "space_usage"

    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    cpus: Mapped[float]
    memory: Mapped[int] = mapped_column(BigInteger, index=True)
    memory_limit: Mapped[int] = mapped_column(BigInteger)
    disk: Mapped[int] = mapped_column(BigInteger)
    traffic: Mapped[float]
    """Bytes in a second, in and out."""
    history: Mapped[History] = mapped_column(Document(History), default=History)


class MachineNow(Base):
    """The machine that runs the apps, as its runner saw it last."""

    __tablename__ = "machine_usage"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    usage: Mapped[MachineUsage] = mapped_column(Document(MachineUsage))
    history: Mapped[History] = mapped_column(Document(History), default=History)
