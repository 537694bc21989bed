"""Making, finding and changing Spaces."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from minispaces_contract import hints
from minispaces_contract.messages import Hardware
from minispaces_platform.errors import ConflictError, NotFoundError
from minispaces_platform.models.accounts import User
from minispaces_platform.models.spaces import Space
from minispaces_platform.names import check_name, host_label


def find_space(session: Session, owner: str, name: str) -> Space | None:
    """By name, whatever its case; the owner is loaded."""
    return session.scalar(
        select(Space)
        .join(Space.owner)
        .options(contains_eager(Space.owner))
        .where(func.lower(User.name) == owner.lower(), func.lower(Space.name) == name.lower())
    )


def get_space(session: Session, owner: str, name: str) -> Space:
    if space := find_space(session, owner, name):
        return space
    raise NotFoundError(f"There is no Space {owner}/{name}.", hint="Pushing to the name creates it, if it is yours.")


def create_space(session: Session, owner: User, name: str) -> Space:
    """Raises InvalidError for a bad name and ConflictError for a taken one."""
    check_name(name, what="Space")
    if find_space(session, owner.name, name):
        raise ConflictError(f"{owner.name}/{name} exists already.")
    label = host_label(owner.name, name)
    if session.scalar(select(Space.id).where(Space.host_label == label)):
        label = host_label(owner.name, name, taken=True)
    space = Space(owner_id=owner.id, owner=owner, name=name, host_label=label)
    session.add(space)
    session.flush()
    return space


def set_hardware(space: Space, hardware: Hardware) -> None:
    """Holds from the next build on: GPU hardware needs another base image."""
    space.hardware = hardware


def hint_channels(space_id: str) -> tuple[str, str]:
    """Who wants to look when a Space changed: its pages, and the runner."""
    return hints.space(space_id), hints.WORLD
