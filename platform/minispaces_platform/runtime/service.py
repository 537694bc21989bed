"""What programs may ask of an app, each told as the runtime that comes of it."""

from sqlalchemy.orm import Session

from minispaces_contract.states import Sdk
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.builds import service as builds
from minispaces_platform.deployments import service as deployments
from minispaces_platform.errors import ConflictError, InvalidError
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts


def restart(session: Session, parts: Parts, actor: Actor, space: Space, *, factory: bool) -> None:
    """`factory` builds the newest version anew. Raises ConflictError where nothing was ever deployed."""
    if factory:
        builds.build_again(session, parts, space)
    elif deployments.restart(session, parts, space) is None:
        raise ConflictError(f"{space.full_name} has no version that could start.", hint="Push a commit.")
    audit.record(session, actor, "space.restart", space, factory=factory)


def pause(session: Session, parts: Parts, actor: Actor, space: Space) -> None:
    """Pausing twice is harmless. Raises InvalidError for pages without a program, as the Hub does."""
    if space.card.sdk is Sdk.STATIC:
        raise InvalidError(f"{space.full_name} is static: there is no program to pause.", hint="Make it private.")
    if deployments.stop(session, parts, space):
        audit.record(session, actor, "space.stop", space)
