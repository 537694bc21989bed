"""Visits: how often an app's page was opened, by day."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_platform.database import Base


class VisitDay(Base):
    """Days are those of UTC."""

    __tablename__ = "visit_days"

    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)
