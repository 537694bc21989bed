"""Who may fetch from or push to which repository: one function for every git request."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from minispaces_contract.disk import left_when_full
from minispaces_platform.access import Action, Actor, may
from minispaces_platform.actors import actor_of_header, nobody
from minispaces_platform.audit import service as audit
from minispaces_platform.errors import ForbiddenError, NotFoundError, SignInNeededError, StorageFullError
from minispaces_platform.models import Space
from minispaces_platform.models.scopes import Scope
from minispaces_platform.names import check_name
from minispaces_platform.namespaces.service import find_namespace, get_namespace
from minispaces_platform.parts import Parts
from minispaces_platform.quotas.service import refuse_more
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.service import create_space, find_moved, find_space


class Service(StrEnum):
    UPLOAD = "git-upload-pack"
    RECEIVE = "git-receive-pack"


@dataclass(frozen=True, slots=True)
class Opened:
    """`space_id` is None where a push would create the Space."""

    space_id: str | None = None
    user_id: str | None = None
    default_branch: str = "main"
    unborn: bool = True


def open_repository(
    parts: Parts, authorization: str, space: tuple[str, str], *, service: Service, create: bool = False
) -> Opened:
    """Raises the error that git shows: 401 to be asked for a token, 403, 404, 507 in words."""
    owner, name = space[0], space[1].removesuffix(".git")
    with parts.database.reading() as session:
        actor = _actor_of(parts, session, authorization)
        found = find_space(session, owner, name)
        if service is Service.UPLOAD:
            return _for_reading(actor, found or find_moved(session, owner, name), f"{owner}/{name}")
        if actor.user is None:
            raise SignInNeededError("Pushing needs an access token.", hint="minispaces token create NAME")
        parts.board.refuse_changes(actor)
        refuse_when_full(parts.settings)
        found = found or find_moved(session, owner, name)
        if found:
            opened = open_for_writing(actor, found)
            refuse_more(session, found)
            return opened
        _check_namespace(session, actor, owner)
        check_name(name, what="Space")
    return _create(parts, actor, owner, name) if create else Opened(user_id=actor.user.id)


def _actor_of(parts: Parts, session: Session, authorization: str) -> Actor:
    """Git carries tokens and no cookie."""
    return actor_of_header(parts, session, authorization) if authorization else nobody(parts.settings)


def _for_reading(actor: Actor, space: Space | None, full_name: str) -> Opened:
    if space and may(actor, Action.READ, space):
        return Opened(space.id, default_branch=space.default_branch)
    if actor.user is None:
        raise SignInNeededError(f"There is no Space {full_name} that everybody may read.", hint="Use an access token.")
    raise NotFoundError(f"There is no Space {full_name}.")


def open_for_writing(actor: Actor, space: Space) -> Opened:
    """Whoever writes, by git or in the browser, and to what. The owner is loaded."""
    if not may(actor, Action.READ, space):
        raise _not_yours(actor, space.owner.name)
    if not may(actor, Action.WRITE, space):
        what = "This token may only read." if actor.scope is Scope.READ else f"You may only read {space.full_name}."
        raise ForbiddenError(what, hint="Pushing needs a token with --scope write of somebody who may write.")
    if space.taken_down_at:
        raise ForbiddenError(
            f"An administrator took {space.full_name} down: {space.taken_down_reason}",
            hint="Pushes are taken again when it is back.",
        )
    user_id = actor.user.id if actor.user else None
    return Opened(space.id, user_id, space.default_branch, unborn=space.versions == 0)


def _check_namespace(session: Session, actor: Actor, owner: str) -> None:
    namespace = find_namespace(session, owner)
    if namespace is None or not may(actor, Action.CREATE_SPACE, namespace):
        raise _not_yours(actor, owner)


def _not_yours(actor: Actor, owner: str) -> ForbiddenError:
    """The same for a Space that is hidden and for one that is not there."""
    if actor.scope is Scope.READ:
        return ForbiddenError("This token may only read.", hint="Make one with --scope write.")
    whose = actor.user.name if actor.user else "your"
    return ForbiddenError(f"You may not make Spaces under {owner[:63]!r}.", hint=f"Push to /spaces/{whose}/NAME.")


def _create(parts: Parts, actor: Actor, owner: str, name: str) -> Opened:
    with parts.database.writing() as session:
        space = find_space(session, owner, name) or _make(session, parts, actor, owner, name)
        opened = open_for_writing(actor, space)
    parts.store.create(space.id)
    return opened


def _make(session: Session, parts: Parts, actor: Actor, owner: str, name: str) -> Space:
    visibility = parts.settings.default_visibility
    space = create_space(session, get_namespace(session, owner), name, by=actor.user, visibility=visibility)
    audit.record(session, actor, "space.create", space, visibility=visibility)
    return space


def refuse_when_full(settings: PlatformSettings) -> None:
    """Raises StorageFullError below the floor, while there is still room for what runs."""
    left = left_when_full(settings.data, floor_gb=settings.free_disk_floor_gb)
    if left is not None:
        raise StorageFullError(
            f"The storage is full ({left}), so pushes and builds are refused for now.",
            hint="Ask an administrator; what runs goes on running.",
        )
