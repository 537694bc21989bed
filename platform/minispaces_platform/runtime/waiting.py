"""Waking an app for a program that asks about it before it calls it (hf-compat 4.1).

`gradio_client` asks for the Space, then for its runtime; it waits while that says BUILDING, and fails at whatever else
an app says that is not up. So whoever asks in that order is told BUILDING until the app answers.
"""

from contextlib import suppress

from redis import RedisError

from minispaces_contract.states import Stage
from minispaces_platform.access import Actor
from minispaces_platform.audit.service import ORIGIN
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts

NOT_UP = frozenset({Stage.SLEEPING, Stage.APP_STARTING})
_BETWEEN_SECONDS = 10
"""From the one question to the other, and from each to the next."""


def note_question(parts: Parts, actor: Actor, space: Space) -> None:
    with suppress(RedisError):
        parts.redis_sync.set(_key(actor, space), 1, ex=_BETWEEN_SECONDS)


def waits(parts: Parts, actor: Actor, space: Space) -> bool:
    """Whether they asked for the Space just now, and go on asking."""
    with suppress(RedisError):
        return bool(parts.redis_sync.expire(_key(actor, space), _BETWEEN_SECONDS))
    return False


def _key(actor: Actor, space: Space) -> str:
    who = actor.token_id or actor.session_id or ORIGIN.get().address
    return f"waiting:{space.id}:{who}"
