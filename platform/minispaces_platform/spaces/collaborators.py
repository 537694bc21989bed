"""People who may do something with one Space without being in its owner's organisation."""

from sqlalchemy.orm import Session

from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import announce
from minispaces_platform.errors import ConflictError, InvalidError, NotFoundError
from minispaces_platform.models.accounts import User
from minispaces_platform.models.roles import Role
from minispaces_platform.models.spaces import Collaborator, Space
from minispaces_platform.spaces.service import hint_channels

COLLABORATOR_ROLES = (Role.READ, Role.WRITE, Role.ADMIN)
"""No contributor: there is nothing to make in a Space."""


def set_collaborator(session: Session, actor: Actor, space: Space, *, user: User, role: Role) -> None:
    """Add somebody, or change their role. Raises ConflictError for the owner and InvalidError for a contributor."""
    if role not in COLLABORATOR_ROLES:
        raise InvalidError("A collaborator is read, write or admin.")
    if user.id == space.owner_id:
        raise ConflictError(f"{space.full_name} is {user.name}'s own.")
    known = session.get(Collaborator, (space.id, user.id))
    if known and known.role is role:
        return
    before = known.role if known else None
    audit.record(session, actor, "collaborator.set", space, collaborator=user.name, before=before, after=role)
    if known:
        known.role = role
    else:
        session.add(Collaborator(space_id=space.id, user_id=user.id, role=role))
    announce(session, *hint_channels(space.id))


def remove_collaborator(session: Session, actor: Actor, space: Space, *, user: User) -> None:
    """Raises NotFoundError for somebody who is none."""
    known = session.get(Collaborator, (space.id, user.id))
    if known is None:
        raise NotFoundError(f"{user.name} is no collaborator of {space.full_name}.")
    audit.record(session, actor, "collaborator.remove", space, collaborator=user.name, role=known.role)
    session.delete(known)
    announce(session, *hint_channels(space.id))
