"""A Space gets another name or another owner. What it was called leads on; its host stays, and the app runs on."""

from sqlalchemy.orm import Session

from minispaces_platform.access import PLATFORM, Action, Actor, may, role_of
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import announce
from minispaces_platform.errors import ConflictError, ForbiddenError
from minispaces_platform.models.namespaces import Namespace, NamespaceKind
from minispaces_platform.models.roles import Role
from minispaces_platform.models.spaces import Collaborator, FormerSpaceName, Space
from minispaces_platform.names import check_name
from minispaces_platform.spaces.service import find_space, hint_channels


def rename_space(session: Session, actor: Actor, space: Space, *, name: str) -> None:
    """Raises InvalidError for a bad name and ConflictError for a taken one."""
    check_name(name, what="Space")
    before = space.full_name
    if name == space.name:
        return
    if name.lower() != space.name.lower():
        _move(session, space, owner=space.owner, name=name)
    space.name = name
    audit.record(session, actor, "space.rename", space, before=before, after=space.full_name)
    announce(session, *hint_channels(space.id))


def transfer_space(session: Session, actor: Actor, space: Space, *, to: Namespace) -> None:
    """Raises ForbiddenError where `may_transfer` says no, and ConflictError for a name that `to` has already."""
    if to.id == space.owner_id:
        return
    if not may_transfer(actor, space.owner, to):
        raise ForbiddenError(
            f"You may not transfer {space.full_name} to {to.name}.",
            hint="From an organisation: as its admin, to yourself or to an organisation where you may make Spaces.",
        )
    before = space.full_name
    _move(session, space, owner=to, name=space.name)
    space.owner_id, space.owner = to.id, to
    if own := session.get(Collaborator, (space.id, to.id)):
        session.delete(own)
    audit.record(session, actor, "space.transfer", space, before=before, after=space.full_name)
    announce(session, *hint_channels(space.id))


def may_transfer(actor: Actor, source: Namespace, target: Namespace) -> bool:
    """The Hub's rules (hf-compat 2.16); between two people only an admin of the installation."""
    if may(actor, Action.ADMINISTER, PLATFORM):
        return True
    if role_of(actor, source) is not Role.ADMIN or not may(actor, Action.CREATE_SPACE, target):
        return False
    return NamespaceKind.ORGANIZATION in {source.kind, target.kind}


def _move(session: Session, space: Space, *, owner: Namespace, name: str) -> None:
    """Keep the old name's trail, and end the trail that the new name may have been."""
    if find_space(session, owner.name, name):
        raise ConflictError(f"{owner.name}/{name} exists already.", hint="Choose another name, or rename that one.")
    session.merge(FormerSpaceName(owner_id=space.owner_id, name=space.name.lower(), space_id=space.id))
    if trail := session.get(FormerSpaceName, (owner.id, name.lower())):
        session.delete(trail)
