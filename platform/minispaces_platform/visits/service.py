"""Adding what the runner reports to today's visits."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from minispaces_contract.visits import VisitsReport
from minispaces_platform.database import now
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.visits import VisitDay
from minispaces_platform.settings import PlatformSettings

_AT_ONCE = 500


def record_visits(
    session: Session, report: VisitsReport, settings: PlatformSettings, *, day: date | None = None
) -> None:
    """Hosts that are no app's (any more) are passed over."""
    suffix = f".{settings.apps_domain.lower()}"
    counts = {host.removesuffix(suffix): n for host, n in report.visits.items() if host.endswith(suffix) and n > 0}
    labels = sorted(counts)
    for start in range(0, len(labels), _AT_ONCE):
        found = select(Space).where(Space.host_label.in_(labels[start : start + _AT_ONCE]))
        for space in session.scalars(found).all():
            _add(session, space.id, counts[space.host_label], day=day or now().date())
            space.visits = Space.visits + counts[space.host_label]


def _add(session: Session, space_id: str, count: int, *, day: date) -> None:
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    insert = make(VisitDay).values(space_id=space_id, day=day, visits=count)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=[VisitDay.space_id, VisitDay.day], set_={"visits": VisitDay.visits + insert.excluded.visits}
        )
    )
