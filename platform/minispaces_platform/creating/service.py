"""A new Space and its first commit. What cannot be committed leaves no Space behind."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import changing
from minispaces_platform.errors import ForbiddenError, MinispacesError
from minispaces_platform.hardware.service import get_flavour
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.namespaces.queries import list_organizations
from minispaces_platform.namespaces.service import find_namespace
from minispaces_platform.parts import Parts
from minispaces_platform.repos.changes import Change
from minispaces_platform.repos.commits import commit
from minispaces_platform.repos.doorkeeper import refuse_when_full
from minispaces_platform.spaces.deleting import delete_space
from minispaces_platform.spaces.service import create_space, find_space_by_id


@dataclass(frozen=True, slots=True)
class NewSpace:
    owner: str
    name: str
    visibility: Visibility
    hardware: str
    """A flavour's name."""


def owners_for(session: Session, actor: Actor) -> tuple[Namespace, ...]:
    """Where somebody may make Spaces, themselves first."""
    known: list[Namespace] = [each for each, _ in list_organizations(session, actor.user.id)] if actor.user else []
    mine = [actor.user, *known] if actor.user else known
    return tuple(each for each in mine if may(actor, Action.CREATE_SPACE, each))


def open_space(
    parts: Parts, actor: Actor, wanted: NewSpace, *, also: Callable[[Session, Space], None] = lambda *_: None
) -> Space:
    """A Space without a commit; `also` is done in the same transaction.

    Raises InvalidError, ConflictError, ForbiddenError, NotFoundError, StorageFullError.
    """
    refuse_when_full(parts.settings)
    with changing(parts.database, parts.redis_sync) as session:
        owner = find_namespace(session, wanted.owner)
        if owner is None or not may(actor, Action.CREATE_SPACE, owner):
            raise ForbiddenError(f"You may not make Spaces under {wanted.owner[:63]!r}.", hint="Choose another owner.")
        space = create_space(session, owner, wanted.name, by=actor.user, visibility=wanted.visibility)
        if wanted.hardware:
            space.hardware = get_flavour(session, wanted.hardware, owner=owner)
        audit.record(session, actor, "space.create", space, visibility=wanted.visibility)
        also(session, space)
    parts.store.create(space.id)
    return space


def make_space(parts: Parts, actor: Actor, wanted: NewSpace, changes: Sequence[Change], *, message: str) -> Space:
    """With `changes` as its first commit, which is built and goes live as a pushed one. Raises as both steps do."""
    space = open_space(parts, actor, wanted)
    with undone(parts, actor, space):
        commit(parts, space, actor, changes, message=message)
    return space


@contextmanager
def undone(parts: Parts, actor: Actor, space: Space) -> Iterator[None]:
    """Whatever is refused inside takes the new Space with it."""
    try:
        yield
    except MinispacesError:
        with changing(parts.database, parts.redis_sync) as session:
            if fresh := find_space_by_id(session, space.id):
                delete_space(session, parts, actor, fresh)
        raise
