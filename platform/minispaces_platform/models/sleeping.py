"""Sleep: how long each Space's app waits for visitors, and when it is kept warm."""

from datetime import date, datetime, time

from pydantic import BaseModel, ConfigDict
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_platform.database import Base, Document, Moment

NEVER = -1
"""The Hub's number for an app that does not sleep."""


class WarmTime(BaseModel):
    """Every week on `weekdays` (Monday is 0), or once on `day`; on the clocks of `zone`, to the next day if need be."""

    model_config = ConfigDict(frozen=True)

    id: str
    weekdays: tuple[int, ...] = ()
    day: date | None = None
    start: time
    end: time
    zone: str


class WarmTimes(BaseModel):
    model_config = ConfigDict(frozen=True)

    times: tuple[WarmTime, ...] = ()


class SleepSetting(Base):
    """What was chosen for a Space; without a row, and where `seconds` is None, the installation's time holds.

    `asleep_since` and `awake_since` are when somebody last put it to sleep, or woke it, by hand.
    """

    __tablename__ = "sleep_settings"
    __table_args__ = (CheckConstraint("seconds > 0 OR seconds = -1", name="seconds_or_never"),)

    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    seconds: Mapped[int | None]
    warm: Mapped[WarmTimes] = mapped_column(Document(WarmTimes), default=WarmTimes)
    asleep_since: Mapped[datetime | None] = mapped_column(Moment)
    awake_since: Mapped[datetime | None] = mapped_column(Moment)
