"""Making, finding and changing Spaces."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from minispaces_contract import hints
from minispaces_platform.errors import ConflictError, NotFoundError
from minispaces_platform.hardware.queries import read_offer
from minispaces_platform.models.accounts import User
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import FormerSpaceName, Space
from minispaces_platform.names import check_name, host_label
from minispaces_platform.namespaces.service import find_namespace, find_renamed
from minispaces_platform.quotas.service import refuse_another_space

# Made once, as every page of a Space begins with it: putting it together takes longer than answering it.
_BY_NAME = (
    select(Space)
    .join(Space.owner)
    .options(contains_eager(Space.owner))
    .where(func.lower(Namespace.name) == bindparam("owner"), func.lower(Space.name) == bindparam("name"))
)


def find_space(session: Session, owner: str, name: str) -> Space | None:
    """By name, whatever its case; the owner is loaded."""
    return session.scalar(_BY_NAME, {"owner": owner.lower(), "name": name.lower()})


def get_space(session: Session, owner: str, name: str) -> Space:
    if space := find_space(session, owner, name):
        return space
    raise NotFoundError(f"There is no Space {owner}/{name}.", hint="Pushing to the name creates it, if it is yours.")


def find_space_by_id(session: Session, space_id: str) -> Space | None:
    """The owner is loaded."""
    return session.scalar(select(Space).options(joinedload(Space.owner)).where(Space.id == space_id))


def get_space_by_id(session: Session, space: Space) -> Space:
    """As it is by now. Raises NotFoundError where it was deleted meanwhile."""
    if fresh := find_space_by_id(session, space.id):
        return fresh
    raise NotFoundError(f"{space.full_name} is gone.")


def find_moved(session: Session, owner: str, name: str) -> Space | None:
    """Where a Space went that was called so: its owner, or it, has another name now."""
    if (namespace := find_namespace(session, owner) or find_renamed(session, owner)) is None:
        return None
    if found := find_space(session, namespace.name, name):
        return found
    former = session.get(FormerSpaceName, (namespace.id, name.lower()))
    return find_space_by_id(session, former.space_id) if former else None


def create_space(
    session: Session, owner: Namespace, name: str, *, by: User | None = None, visibility: Visibility = Visibility.PUBLIC
) -> Space:
    """Raises InvalidError for a bad name and ConflictError for a taken one."""
    check_name(name, what="Space")
    if find_space(session, owner.name, name):
        raise ConflictError(f"{owner.name}/{name} exists already.")
    refuse_another_space(session, owner)
    label = host_label(owner.name, name)
    if session.scalar(select(Space.id).where(Space.host_label == label)):
        label = host_label(owner.name, name, taken=True)
    space = Space(
        owner_id=owner.id, owner=owner, created_by=by.id if by else None, name=name, host_label=label,
        visibility=visibility, hardware=read_offer(session, owner).default(owner),
    )  # fmt: skip
    session.add(space)
    session.flush()
    if former := session.get(FormerSpaceName, (owner.id, name.lower())):
        session.delete(former)
    return space


def hint_channels(space_id: str) -> tuple[str, str]:
    """Who wants to look when a Space changed: its pages, and the runner."""
    return hints.space(space_id), hints.world(space_id)
