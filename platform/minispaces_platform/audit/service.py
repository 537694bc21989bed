"""Writing down what was done, in the same transaction as the deed."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from minispaces_platform.access import Actor, Carrier, Thing
from minispaces_platform.models.accounts import User
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.spaces import Space


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from; the gate sets it."""

    address: str = ""
    request_id: str = ""


NOWHERE = Origin()
ORIGIN: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)
COMMAND_LINE = Actor(carrier=Carrier.COMMAND)


def record(session: Session, actor: Actor, action: str, thing: Thing, **details: Any) -> None:
    """`action` is `noun.verb`, such as `space.visibility`. Details are plain values, never a secret."""
    origin = ORIGIN.get()
    kind, thing_id, name = _subject(thing)
    session.add(
        AuditEvent(
            actor_id=actor.user.id if actor.user else None, actor_name=_name_of(actor), carrier=actor.carrier.value,
            action=action, subject_kind=kind, subject_id=thing_id, subject_name=name, details=details,
            address=origin.address, request_id=origin.request_id,
        )
    )  # fmt: skip


def acting(user: User, carrier: Carrier = Carrier.COOKIE) -> Actor:
    """For what somebody does before they are signed in, and for what outlasts the request that they were checked in."""
    return Actor(user, carrier=carrier)


def _name_of(actor: Actor) -> str:
    if actor.user:
        return actor.user.name
    return "command line" if actor.carrier is Carrier.COMMAND else "somebody"


def _subject(thing: Thing) -> tuple[str, str, str]:
    if isinstance(thing, Space):
        return "space", thing.id, thing.full_name
    if isinstance(thing, Namespace):
        return thing.kind.value, thing.id, thing.name
    return "platform", "", ""
