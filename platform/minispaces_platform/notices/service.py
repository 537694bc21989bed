"""Putting notices up and taking them down."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from minispaces_platform.access import PLATFORM, Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.database import now
from minispaces_platform.errors import ConflictError, InvalidError, NotFoundError
from minispaces_platform.models.notices import Notice, NoticeKind, Tone
from minispaces_platform.notices.board import active
from minispaces_platform.wording import tidy

TEXT_MAX = 300
MOST_HOURS = 24 * 60
_MOST_AT_ONCE = 3


def post_notice(
    session: Session, actor: Actor, *, kind: NoticeKind, tone: Tone, text: str, hours: float | None
) -> Notice:  # fmt: skip
    """`hours` None stays until it is taken down."""
    if not (words := tidy(text, TEXT_MAX)):
        raise InvalidError("There is nothing in it yet.", hint="One or two sentences; everybody reads them.")
    if len(active(session)) >= _MOST_AT_ONCE:
        raise ConflictError(f"{_MOST_AT_ONCE} notices are up already.", hint="Take one down first.")
    made = Notice(kind=kind, tone=tone, text=words, ends_at=_end(hours))
    session.add(made)
    session.flush()
    audit.record(session, actor, f"{kind.value}.begin", PLATFORM, text=words, hours=hours)
    return made


def end_notice(session: Session, actor: Actor, notice_id: str) -> None:
    notice = session.get(Notice, notice_id)
    if notice is None:
        raise NotFoundError("There is no such notice.")
    if notice.ended_at is None:
        notice.ended_at = now()
        audit.record(session, actor, f"{notice.kind.value}.end", PLATFORM, text=notice.text)


def _end(hours: float | None) -> datetime | None:
    if hours is None:
        return None
    if not 0 < hours <= MOST_HOURS:
        raise InvalidError("A notice lasts from a moment to 60 days.", hint="Or leave the hours empty.")
    return now() + timedelta(hours=hours)
