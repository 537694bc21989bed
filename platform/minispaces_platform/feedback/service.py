"""Messages to a Space's owners, and what they do with what is in their inbox."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from minispaces_platform.access import Actor
from minispaces_platform.actors import user_of
from minispaces_platform.audit import service as audit
from minispaces_platform.database import now
from minispaces_platform.errors import InvalidError, NotFoundError
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.discussions import Feedback, FeedbackKind, NotificationKind
from minispaces_platform.models.spaces import Space
from minispaces_platform.notifications.service import News, tell_owners
from minispaces_platform.wording import tidy, typed

TEXT_MAX = 4000


def send_feedback(session: Session, actor: Actor, space: Space, *, text: str) -> Feedback:
    """About the version that was live when it was written. Owners hear of it, but for those who want quiet."""
    me, words = user_of(actor), typed(text, TEXT_MAX)
    if not words:
        raise InvalidError("There is nothing in it yet.", hint="Write what works, or what does not.")
    made = Feedback(
        space_id=space.id, kind=FeedbackKind.MESSAGE, author_id=me.id, text=words,
        version=_live_version(session, space.id),
    )  # fmt: skip
    session.add(made)
    audit.record(session, actor, "feedback.send", space)
    tell_owners(session, News(NotificationKind.FEEDBACK, space, me, tidy(words, 160)))
    return made


def set_resolved(session: Session, actor: Actor, space: Space, feedback_id: str, *, resolved: bool) -> None:
    found = session.get(Feedback, feedback_id)
    if found is None or found.space_id != space.id:
        raise NotFoundError("There is no such feedback.")
    found.resolved_at = now() if resolved else None
    audit.record(session, actor, "feedback.resolve" if resolved else "feedback.reopen", space, feedback=found.id)


def resolve_all(session: Session, actor: Actor, space: Space) -> None:
    open_ones = (Feedback.space_id == space.id, Feedback.resolved_at.is_(None))
    done = session.scalars(update(Feedback).where(*open_ones).values(resolved_at=now()).returning(Feedback.id)).all()
    if done:
        audit.record(session, actor, "feedback.resolve", space, count=len(done))


def _live_version(session: Session, space_id: str) -> int | None:
    live = select(Deployment.version).where(Deployment.space_id == space_id, Deployment.live_at.is_not(None))
    return session.scalar(live.order_by(Deployment.id.desc()).limit(1))
