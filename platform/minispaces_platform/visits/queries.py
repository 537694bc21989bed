"""Reading visits."""

from datetime import date, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from minispaces_platform.database import now
from minispaces_platform.models.visits import VisitDay

DAYS = 30

# Made once: putting it together takes longer than answering it.
_COUNTED = select(VisitDay.day, VisitDay.visits).where(
    VisitDay.space_id == bindparam("space"), VisitDay.day >= bindparam("since")
)


def visits_by_day(session: Session, space_id: str, *, today: date | None = None) -> tuple[tuple[date, int], ...]:
    """The last thirty days, oldest first, those without a visit included."""
    last = today or now().date()
    days = [last - timedelta(days=ago) for ago in reversed(range(DAYS))]
    counted = dict(iter(session.execute(_COUNTED, {"space": space_id, "since": days[0]})))
    return tuple((day, counted.get(day, 0)) for day in days)
