"""Samples that people flagged in an app, put into the inbox of its Space. What arrived before changes nothing."""

import hashlib
import json

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from minispaces_contract.usage import FlaggedReport, FlaggedRow
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.discussions import Feedback, FeedbackKind, FlaggedSample, NotificationKind
from minispaces_platform.models.spaces import Space
from minispaces_platform.notifications.service import News, tell_owners

MOST_SAMPLES = 5000
"""Kept per Space: an app could flag for ever."""
_MOST_BYTES = 20_000


def keep_flagged(session: Session, report: FlaggedReport) -> int:
    """How many are new. The owners are told once for all of them."""
    deployment = session.scalar(
        select(Deployment)
        .options(joinedload(Deployment.space).joinedload(Space.owner))
        .where(Deployment.id == report.deployment_id)
    )
    if deployment is None:
        return 0
    fresh = _fresh(session, deployment.space, report)
    for digest, row in fresh.items():
        session.add(
            Feedback(
                space_id=deployment.space_id, kind=FeedbackKind.FLAG, version=deployment.version, digest=digest,
                sample=FlaggedSample(fields=tuple(_tame(*field) for field in row.fields)),
            )
        )  # fmt: skip
    if fresh:
        _tell(session, deployment.space, len(fresh))
    return len(fresh)


def _fresh(session: Session, space: Space, report: FlaggedReport) -> dict[str, FlaggedRow]:
    """By digest, as many as there is room for."""
    kept = select(func.count(Feedback.id)).where(Feedback.space_id == space.id, Feedback.kind == FeedbackKind.FLAG)
    room = MOST_SAMPLES - (session.scalar(kept) or 0)
    rows = {_digest(row): row for row in report.rows if len(row.model_dump_json()) <= _MOST_BYTES}
    known = set(
        session.scalars(select(Feedback.digest).where(Feedback.space_id == space.id, Feedback.digest.in_(rows)))
    )
    return {digest: row for digest, row in list(rows.items())[: max(0, room)] if digest not in known}


def _digest(row: FlaggedRow) -> str:
    return hashlib.sha256(json.dumps(row.fields).encode(errors="replace")).hexdigest()


def _tame(name: str, value: str) -> tuple[str, str]:
    """PostgreSQL takes no NUL."""
    return name.replace("\0", ""), value.replace("\0", "")


def _tell(session: Session, space: Space, count: int) -> None:
    words = "An output was flagged in the app" if count == 1 else f"{count} outputs were flagged in the app"
    tell_owners(session, News(NotificationKind.FEEDBACK, space, None, words))
