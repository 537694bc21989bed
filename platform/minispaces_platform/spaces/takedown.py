"""Taking a Space's app off the network, with a reason that its page shows, and putting it back."""

from sqlalchemy.orm import Session

from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import announce
from minispaces_platform.database import now
from minispaces_platform.errors import InvalidError
from minispaces_platform.models.spaces import Space
from minispaces_platform.spaces.service import hint_channels
from minispaces_platform.wording import tidy

REASON_MAX = 500


def check_reason(reason: str) -> str:
    """Raises InvalidError without one: it is what people read where something was."""
    if reason := tidy(reason, REASON_MAX):
        return reason
    raise InvalidError("A reason is needed.", hint="One sentence; the people concerned read it.")


def take_down(session: Session, actor: Actor, space: Space, *, reason: str) -> None:
    """The app stops, for everybody; its repository and page stay for those who may read them."""
    space.taken_down_at, space.taken_down_reason = now(), check_reason(reason)
    audit.record(session, actor, "space.take_down", space, reason=space.taken_down_reason)
    announce(session, *hint_channels(space.id))


def put_back(session: Session, actor: Actor, space: Space) -> None:
    """The version that was live starts again."""
    if space.taken_down_at is None:
        return
    audit.record(session, actor, "space.put_back", space, reason=space.taken_down_reason)
    space.taken_down_at, space.taken_down_reason = None, ""
    announce(session, *hint_channels(space.id))
