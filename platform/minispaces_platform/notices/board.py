"""What hangs on the board now, held in memory: every page shows it, and every change asks whether it may be made.

The database is the truth; each process looks again every few seconds, and at once after its own changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from minispaces_platform.access import Actor
from minispaces_platform.database import Database, now
from minispaces_platform.errors import MinispacesError
from minispaces_platform.models.notices import Notice, NoticeKind


class MaintenanceError(MinispacesError):
    status = 503
    code = "maintenance"
    retry_after = 300


@dataclass(frozen=True, slots=True)
class Posted:
    id: str
    kind: NoticeKind
    tone: str
    text: str
    ends_at: datetime | None

    @property
    def stops_changes(self) -> bool:
        return self.kind is NoticeKind.MAINTENANCE


@dataclass(slots=True)
class Board:
    _read: tuple[Posted, ...] = field(default=())

    @property
    def posted(self) -> tuple[Posted, ...]:
        """Without what has ended since it was read."""
        return tuple(each for each in self._read if each.ends_at is None or each.ends_at > now())

    def look(self, database: Database) -> None:
        with database.reading() as session:
            self._read = tuple(map(_posted, active(session)))

    def refuse_changes(self, actor: Actor) -> None:
        """Raises MaintenanceError, but not for admins: they work on."""
        for each in self.posted:
            if each.stops_changes and not actor.is_admin:
                raise MaintenanceError(
                    f"Minispaces is being maintained, so nothing can be changed for now: {each.text}",
                    hint="What runs goes on running, and pages can be read. Try again in a few minutes.",
                )


def active(session: Session) -> Sequence[Notice]:
    """Maintenance first, then the newest."""
    lasting = or_(Notice.ends_at.is_(None), Notice.ends_at > now())
    found = session.scalars(select(Notice).where(Notice.ended_at.is_(None), lasting).order_by(Notice.id.desc())).all()
    return sorted(found, key=lambda each: each.kind is not NoticeKind.MAINTENANCE)


def _posted(notice: Notice) -> Posted:
    return Posted(notice.id, notice.kind, notice.tone.value, notice.text, notice.ends_at)
