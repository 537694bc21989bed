"""Adding what the runner reports to today's visits."""

from datetime import date
from typing import cast

from sqlalchemy import Table, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from minispaces_contract.visits import VisitsReport
from minispaces_platform.database import now
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.visits import VisitDay
from minispaces_platform.settings import PlatformSettings

_AT_ONCE = 500
_SPACES = cast("Table", Space.__table__)
"""Past the mapper: it would tell the proxy that somebody's rights may have changed."""


def record_visits(
    session: Session, report: VisitsReport, settings: PlatformSettings, *, day: date | None = None
) -> None:
    """Hosts that are no app's (any more) are passed over."""
    suffix = f".{settings.apps_domain.lower()}"
    counts = {host.removesuffix(suffix): n for host, n in report.visits.items() if host.endswith(suffix) and n > 0}
    labels = sorted(counts)
    for start in range(0, len(labels), _AT_ONCE):
        found = select(Space.id, Space.host_label).where(Space.host_label.in_(labels[start : start + _AT_ONCE]))
        for space_id, label in session.execute(found).all():
            _add(session, space_id, counts[label], day=day or now().date())


def _add(session: Session, space_id: str, count: int, *, day: date) -> None:
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    insert = make(VisitDay).values(space_id=space_id, day=day, visits=count)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[VisitDay.space_id, VisitDay.day], set_={"visits": VisitDay.visits + insert.excluded.visits}
        )
    )
    session.execute(update(_SPACES).where(_SPACES.c.id == space_id).values(visits=_SPACES.c.visits + count))
