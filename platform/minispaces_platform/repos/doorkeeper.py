"""Who may fetch from or push to which repository: one function for every git request."""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from minispaces_contract.disk import gigabytes_free_when_full
from minispaces_platform.access import NOBODY, Action, Actor, may, may_write_namespace
from minispaces_platform.accounts import service as accounts
from minispaces_platform.errors import ForbiddenError, NotFoundError, SignInNeededError, StorageFullError
from minispaces_platform.models import Space
from minispaces_platform.models.scopes import Scope
from minispaces_platform.names import check_name
from minispaces_platform.parts import Parts
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.service import create_space, find_space

_CREDENTIALS_MAX = 1024


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
        actor = actor_of(session, authorization)
        found = find_space(session, owner, name)
        if service is Service.UPLOAD:
            return _for_reading(actor, found, f"{owner}/{name}")
        if actor.user is None:
            raise SignInNeededError("Pushing needs an access token.", hint="minispaces token create NAME")
        refuse_when_full(parts.settings)
        if found:
            return _for_writing(actor, found)
        _check_namespace(session, actor, owner)
        check_name(name, what="Space")
    return _create(parts, actor, owner, name) if create else Opened(user_id=actor.user.id)


def actor_of(session: Session, authorization: str) -> Actor:
    """From `Authorization: Basic user:token` (git's way) or `Bearer token`. Raises SignInNeededError for a bad one."""
    if not authorization:
        return NOBODY
    name, token = _credentials(authorization)
    known = accounts.user_of_token(session, token) if token else None
    if known is None:
        raise SignInNeededError("This access token is not valid.", hint="Make one: minispaces token create NAME")
    user, scope = known
    if name and name.lower() != user.name.lower():
        raise SignInNeededError(f"This access token is not {name[:63]!r}'s.", hint="Use the token's own user name.")
    return Actor(user, Scope(scope))


def _credentials(authorization: str) -> tuple[str, str]:
    scheme, _, value = authorization[:_CREDENTIALS_MAX].partition(" ")
    if scheme.lower() == "bearer":
        return "", value.strip()
    try:
        name, _, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, token) if token else ("", name)  # some clients send the token as the user


def _for_reading(actor: Actor, space: Space | None, full_name: str) -> Opened:
    if space is None or not may(actor, Action.READ, space):
        raise NotFoundError(f"There is no Space {full_name}.")
    return Opened(space.id, default_branch=space.default_branch)


def _for_writing(actor: Actor, space: Space) -> Opened:
    if not may(actor, Action.WRITE, space):
        what = "This token may only read." if actor.scope is Scope.READ else f"You may only read {space.full_name}."
        raise ForbiddenError(what, hint="Pushing needs a token with --scope write of somebody who may write.")
    user_id = actor.user.id if actor.user else None
    return Opened(space.id, user_id, space.default_branch, unborn=space.versions == 0)


def _check_namespace(session: Session, actor: Actor, owner: str) -> None:
    namespace = accounts.find_user(session, owner)
    if namespace is None or not may_write_namespace(actor, namespace):
        if actor.scope is Scope.READ:
            raise ForbiddenError("This token may only read.", hint="Make one with --scope write.")
        whose = actor.user.name if actor.user else "your"
        raise ForbiddenError(f"You may not make Spaces under {owner[:63]!r}.", hint=f"Push to /spaces/{whose}/NAME.")


def _create(parts: Parts, actor: Actor, owner: str, name: str) -> Opened:
    with parts.database.writing() as session:
        space = find_space(session, owner, name) or create_space(session, accounts.get_user(session, owner), name)
        opened = _for_writing(actor, space)
    parts.store.create(space.id)
    return opened


def refuse_when_full(settings: PlatformSettings) -> None:
    """Raises StorageFullError below the floor, while there is still room for what runs."""
    free = gigabytes_free_when_full(settings.data, floor_gb=settings.free_disk_floor_gb)
    if free is not None:
        raise StorageFullError(
            f"The storage is full ({free:.1f} GB left), so pushes and builds are refused for now.",
            hint="Ask an administrator; what runs goes on running.",
        )
