"""Which policy guards which route: every route of the hub names one, as a dependency; a test finds those that do not.

Missing and forbidden look alike: whoever may not even read a Space is told that there is none, and a stranger is
asked to sign in for the one as for the other.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from minispaces_platform.access import PLATFORM, Action, Actor, may
from minispaces_platform.actors import CurrentActor, current_actor
from minispaces_platform.errors import ForbiddenError, MinispacesError, MovedError, NotFoundError, SignInNeededError
from minispaces_platform.models.accounts import User
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.spaces import Space
from minispaces_platform.namespaces.service import find_namespace, find_renamed
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.service import find_moved, find_space, find_space_by_id


class Policy:
    """What stands in a route's dependencies. Subclasses decide when they are called."""


@dataclass(frozen=True)
class Everybody(Policy):
    """Open to all: what is shown is nobody's, or a secret in the address is the credential. `why` is for readers."""

    why: str

    async def __call__(self) -> None:
        return None


@dataclass(frozen=True)
class Delegated(Policy):
    """Decided by the handler itself, through `may`; `where` says in which function."""

    where: str

    async def __call__(self) -> None:
        return None


@dataclass(frozen=True)
class OnSpace(Policy):
    """The Space that the path names by `owner` and `name`, its owner loaded, if `action` is allowed."""

    action: Action

    def __call__(self, owner: str, name: str, request: Request, parts: PartsDep, actor: CurrentActor) -> Space:
        with parts.database.reading() as session:
            space = find_space(session, owner, name.removesuffix(".git"))
            moved = None if space else find_moved(session, owner, name.removesuffix(".git"))
        if moved and may(actor, Action.READ, moved):
            raise MovedError(_renamed(request, f"/{owner}/{name}", f"/{moved.full_name}"))
        return admit(actor, self.action, space, missing=f"There is no Space {owner[:63]}/{name[:63]}.")


@dataclass(frozen=True)
class OnSpaceId(Policy):
    """As OnSpace, for paths with a `space_id`."""

    action: Action

    def __call__(self, space_id: str, parts: PartsDep, actor: CurrentActor) -> Space:
        with parts.database.reading() as session:
            space = find_space_by_id(session, space_id)
        return admit(actor, self.action, space, missing="There is no such Space.")


@dataclass(frozen=True)
class OnNamespace(Policy):
    """The person or organisation that the path names by `owner`. Without an action everybody may see them."""

    action: Action | None = None

    def __call__(self, owner: str, request: Request, parts: PartsDep, actor: CurrentActor) -> Namespace:
        with parts.database.reading() as session:
            namespace = find_namespace(session, owner)
            moved = None if namespace else find_renamed(session, owner)
        if moved:
            raise MovedError(_renamed(request, f"/{owner}", f"/{moved.name}"))
        if namespace is None or not actor.welcome:
            raise _nothing_here(actor, f"There is nobody called {owner[:63]!r} here.")
        if self.action is None or may(actor, self.action, namespace):
            return namespace
        raise _refused(actor)


@dataclass(frozen=True)
class OnAccount(Policy):
    """One's own account, at a browser."""

    def __call__(self, actor: CurrentActor) -> User:
        if actor.user is not None and may(actor, Action.USE_ACCOUNT, actor.user):
            return actor.user
        raise _refused(actor)


@dataclass(frozen=True)
class OnPlatform(Policy):
    """Administering the installation. For everybody else there is nothing here."""

    def __call__(self, actor: CurrentActor) -> Actor:
        if may(actor, Action.ADMINISTER, PLATFORM):
            return actor
        raise _nothing_here(actor, "There is nothing at this address.")


Readable = Annotated[Space, Depends(OnSpace(Action.READ))]
WithLogs = Annotated[Space, Depends(OnSpace(Action.READ_LOGS))]
Writable = Annotated[Space, Depends(OnSpace(Action.WRITE))]
Managed = Annotated[Space, Depends(OnSpace(Action.MANAGE))]
Admin = Annotated[Actor, Depends(OnPlatform())]


def may_still(parts: Parts, request: Request, action: Action, space_id: str) -> bool:
    """The same question again, for a stream that lasts."""
    actor = actor_by_now(request, parts)
    with parts.database.reading() as session:
        space = find_space_by_id(session, space_id)
    return actor is not None and space is not None and may(actor, action, space)


def actor_by_now(request: Request, parts: Parts) -> Actor | None:
    """Who asks, looked at again: rights are lost and sessions end while a stream is open. None for a bad credential."""
    try:
        return current_actor(request, parts)
    except MinispacesError:
        return None


def admit(actor: Actor, action: Action, space: Space | None, *, missing: str) -> Space:
    """Raises NotFoundError, SignInNeededError or ForbiddenError, and never tells whether a hidden Space is there."""
    if space is None or not may(actor, Action.READ, space):
        raise _nothing_here(actor, missing)
    if may(actor, action, space):
        return space
    raise _refused(actor)


def _nothing_here(actor: Actor, words: str) -> MinispacesError:
    if actor.user is None:
        return SignInNeededError(f"{words[:-1]} that everybody may see.", hint="Sign in, if you expected something.")
    return NotFoundError(words, hint="Names change, and what is private is shown to its members only.")


def _refused(actor: Actor) -> MinispacesError:
    if actor.user is None:
        return SignInNeededError("You are not signed in.", hint="Sign in, then try again.")
    return ForbiddenError("You may not do that.", hint="Ask an owner of the Space, or use a credential that may write.")


def _renamed(request: Request, old: str, new: str) -> str:
    """The same address under the new name."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}/".replace(f"{old}/", f"{new}/", 1).removesuffix("/") + query
