"""Whether an app that has answered still does: whom to knock at, how loudly, and when silence is an end. Pure.

The proxy's counts tell most of it for nothing: who sends bytes is well. An app is asked for a page only where a visitor
waits and nothing comes. Everybody else's port is merely tried.
"""

from dataclasses import dataclass
from enum import Enum

from minispaces_runner.activity import Use

_CLOSED_SHARE = 0.2
"""No work explains a port that is closed, and a restart of the server within the app takes seconds."""
_WORKING_FACTOR = 6
"""An app that calculates may answer afterwards, one that does so for ever never will."""
_LEAST_WORK = 0.05
"""Of one processor: less is what a waiting program uses."""


class Knock(Enum):
    TRY = "is the port open"
    ASK = "does it answer a request"


class Heard(Enum):
    ANSWER = "an answer"
    NOTHING = "nothing"
    CLOSED = "nobody listens"


@dataclass(frozen=True, slots=True)
class Silence:
    """Of an app that has answered before, in seconds since the epoch."""

    since: float
    still_since: float
    """Since when it has done nothing either."""
    closed: bool = False
    """Nobody listens at its port any more."""
    worked: float = 0
    """Its processor seconds at the last knock."""
    knocked_at: float = 0


def knock_for(before: Use | None, now: Use, silence: Silence | None) -> Knock:
    """`before` and `now` are what the proxy counted at the last knock and at this one."""
    if before is None or now.sent != before.sent:
        return Knock.TRY
    waits = now.connections > 0 or now.requests > before.requests
    return Knock.ASK if waits or (silence is not None and not silence.closed) else Knock.TRY


def after_knock(silence: Silence | None, heard: Heard, *, worked: float, now: float) -> Silence | None:
    """`worked` are the processor seconds that the app has used so far."""
    if heard is Heard.ANSWER:
        return None
    closed = heard is Heard.CLOSED
    if silence is None:
        return Silence(now, now, closed, worked, now)
    works = worked - silence.worked > _LEAST_WORK * (now - silence.knocked_at)
    return Silence(silence.since, now if works else silence.still_since, closed, worked, now)


def is_hung(silence: Silence | None, *, now: float, seconds: float) -> bool:
    """Whether it has been silent too long, where `seconds` are enough for an app that does nothing; 0 is never."""
    if silence is None or seconds <= 0:
        return False
    if silence.closed and now - silence.since >= seconds * _CLOSED_SHARE:
        return True
    return now - silence.still_since >= seconds or now - silence.since >= seconds * _WORKING_FACTOR
