"""Who may do what: one table, default deny. Missing and forbidden look alike to strangers."""

from dataclasses import dataclass
from enum import StrEnum

from minispaces_platform.models.accounts import User
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Space


class Action(StrEnum):
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, or nobody (`user` None). The scope belongs to the credential and holds over every carrier."""

    user: User | None = None
    scope: Scope = Scope.READ


NOBODY = Actor()


def may(actor: Actor, action: Action, space: Space) -> bool:
    match action:
        case Action.READ:
            return True  # every Space is public until visibility exists
        case Action.WRITE:
            return may_write_namespace(actor, space.owner)


def may_write_namespace(actor: Actor, owner: User) -> bool:
    """Whether Spaces of `owner` may be made and changed."""
    return actor.user is not None and actor.scope is Scope.WRITE and (actor.user.id == owner.id or actor.user.is_admin)
