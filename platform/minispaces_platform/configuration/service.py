"""Setting and removing variables and secrets. Each change restarts the app, if it should run.

A container's build may use variables too, so that these build it anew.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_contract.states import Sdk
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.builds import service as builds
from minispaces_platform.configuration.naming import MOST, check_value, check_variable_name
from minispaces_platform.database import new_id, now
from minispaces_platform.deployments import service as deployments
from minispaces_platform.errors import ConflictError, InvalidError, NotFoundError
from minispaces_platform.models.configuration import Variable
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.signing import seal


def set_variable(
    session: Session, parts: Parts, actor: Actor, space: Space, *, name: str, value: str, secret: bool
) -> None:
    """New, or in place of the old value. Raises InvalidError, and ConflictError for a name of the other kind."""
    put_variable(session, parts.settings, actor, space, name=name, value=value, secret=secret)
    audit.record(session, actor, f"{_noun(secret=secret)}.set", space, name=name)
    _take_up(session, parts, space, secret=secret)


def remove_variable(session: Session, parts: Parts, actor: Actor, space: Space, *, name: str) -> None:
    """Raises NotFoundError."""
    known = _find(session, space.id, name)
    if known is None:
        raise NotFoundError(f"There is no variable {name[:80]}.", hint="Somebody may have removed it already.")
    session.delete(known)
    audit.record(session, actor, f"{_noun(secret=known.is_secret)}.remove", space, name=name)
    _take_up(session, parts, space, secret=known.is_secret)


def put_variable(
    session: Session, settings: PlatformSettings, actor: Actor, space: Space, *, name: str, value: str, secret: bool
) -> None:
    """The row alone, for a Space that is still being made."""
    check_variable_name(name)
    known = _find(session, space.id, name)
    if known is None:
        known = _new(session, space.id, name)
    elif known.is_secret is not secret:
        raise ConflictError(
            f"{name} is a {_noun(secret=known.is_secret)} already.",
            hint="Remove that one first, or choose another name.",
        )
    value = check_value(value, others=_bytes_of_others(session, space.id, known.id))
    known.value = None if secret else value
    known.sealed = seal(settings, value, context=known.id) if secret else None
    known.updated_by, known.updated_at = actor.user.id if actor.user else None, now()
    session.add(known)
    session.flush()


def _take_up(session: Session, parts: Parts, space: Space, *, secret: bool) -> None:
    if space.card.sdk is Sdk.DOCKER and not secret and deployments.is_wanted(session, space.id):
        builds.build_again(session, parts, space)
    else:
        deployments.restart_if_wanted(session, parts, space)


def _new(session: Session, space_id: str, name: str) -> Variable:
    if (session.scalar(select(func.count(Variable.id)).where(Variable.space_id == space_id)) or 0) >= MOST:
        raise InvalidError(f"A Space may have {MOST} variables and secrets.", hint="Remove one that is not needed.")
    return Variable(id=new_id(), space_id=space_id, name=name)


def _find(session: Session, space_id: str, name: str) -> Variable | None:
    return session.scalar(select(Variable).where(Variable.space_id == space_id, Variable.name == name))


def _bytes_of_others(session: Session, space_id: str, variable_id: str) -> int:
    size = func.coalesce(func.length(Variable.value), 0) + func.coalesce(func.length(Variable.sealed), 0)
    others = select(func.sum(size)).where(Variable.space_id == space_id, Variable.id != variable_id)
    return session.scalar(others) or 0


def _noun(*, secret: bool) -> str:
    return "secret" if secret else "variable"
