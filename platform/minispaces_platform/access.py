"""Who may do what: one table, default deny. Pure; whatever decides is on the actor and on the thing.

`may` answers for one thing, `readable` is the same rule for lists, as SQL; a test holds them against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, false, or_, true

from minispaces_platform.models.accounts import User
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.roles import Role, Visibility
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Space


class Carrier(StrEnum):
    """How a credential came."""

    NONE = "none"
    COOKIE = "cookie"
    BEARER = "bearer"
    BASIC = "basic"
    COMMAND = "command"


class Action(StrEnum):
    OPEN_APP = "open_app"
    READ = "read"
    READ_LOGS = "read_logs"
    LIKE = "like"
    DISCUSS = "discuss"
    WRITE = "write"
    MANAGE = "manage"
    CREATE_SPACE = "create_space"
    SEE_MEMBERS = "see_members"
    CURATE = "curate"
    MANAGE_NAMESPACE = "manage_namespace"
    USE_ACCOUNT = "use_account"
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, or nobody (`user` None). What the credential allows holds over every carrier.

    `roles` are those in organisations and for single Spaces, by the thing's id. `spaces` limits a restricted token.
    `welcome` is false for strangers of an installation that stays inside. `delegated` is an app that acts for
    somebody: it gets nothing of their power over people and the installation. The ids are the credential's own.
    """

    user: User | None = None
    scope: Scope = Scope.READ
    carrier: Carrier = Carrier.NONE
    roles: Mapping[str, Role] = field(default_factory=dict)
    spaces: frozenset[str] | None = None
    welcome: bool = True
    session_id: str | None = None
    token_id: str | None = None
    last_used: datetime | None = None
    delegated: bool = False

    @property
    def is_admin(self) -> bool:
        return self.user is not None and self.user.is_admin and not self.delegated

    @property
    def is_known(self) -> bool:
        """Somebody whose credential is for more than single Spaces."""
        return self.user is not None and self.spaces is None


class Platform:
    """The installation as a thing that something can be done to."""


PLATFORM: Final = Platform()
Thing = Space | Namespace | Platform


@dataclass(frozen=True, slots=True)
class Rule:
    """Allowed to whoever holds `role` in the thing; on a Space also to those for whom its visibility opens it.

    `session` asks for a person at a browser: no token may do it. `apps` is whether an app may do it for somebody.
    """

    role: Role | None
    scope: Scope = Scope.READ
    everybody: frozenset[Visibility] = frozenset()
    known: frozenset[Visibility] = frozenset()
    session: bool = False
    apps: bool = True


_OPEN = frozenset({Visibility.PUBLIC})
_OPEN_APP = frozenset({Visibility.PUBLIC, Visibility.PROTECTED})
_INSIDE = frozenset({Visibility.INTERNAL})

RULES: Final[Mapping[Action, Rule]] = {
    Action.OPEN_APP: Rule(Role.READ, everybody=_OPEN_APP, known=_INSIDE),
    Action.READ: Rule(Role.READ, everybody=_OPEN, known=_INSIDE),
    Action.READ_LOGS: Rule(Role.WRITE),
    Action.LIKE: Rule(Role.READ, Scope.WRITE, known=_OPEN | _INSIDE, apps=False),
    Action.DISCUSS: Rule(Role.READ, Scope.WRITE, known=_OPEN | _INSIDE, apps=False),
    Action.WRITE: Rule(Role.WRITE, Scope.WRITE),
    Action.MANAGE: Rule(Role.ADMIN, Scope.WRITE),
    Action.CREATE_SPACE: Rule(Role.CONTRIBUTOR, Scope.WRITE),
    Action.SEE_MEMBERS: Rule(Role.READ),
    Action.CURATE: Rule(Role.WRITE, Scope.WRITE, apps=False),
    Action.MANAGE_NAMESPACE: Rule(Role.ADMIN, Scope.WRITE, apps=False),
    Action.USE_ACCOUNT: Rule(Role.ADMIN, Scope.WRITE, session=True),
    Action.ADMINISTER: Rule(Role.ADMIN, Scope.WRITE, apps=False),
}


def may(actor: Actor, action: Action, thing: Thing) -> bool:
    """Whether `actor` may do `action` to `thing`. A Space that was taken down opens for nobody."""
    rule = RULES[action]
    if rule.scope is Scope.WRITE and actor.scope is not Scope.WRITE:
        return False
    if (rule.session and actor.carrier is not Carrier.COOKIE) or (actor.delegated and not rule.apps):
        return False
    if isinstance(thing, Space):
        if action is Action.OPEN_APP and thing.taken_down_at:
            return False
        if _opens(rule, actor, thing.visibility):
            return True
    role = role_of(actor, thing)
    return role is not None and rule.role is not None and role.covers(rule.role)


def _opens(rule: Rule, actor: Actor, visibility: Visibility) -> bool:
    if visibility in rule.everybody:
        return actor.welcome
    return visibility in rule.known and actor.is_known


def role_of(actor: Actor, thing: Thing) -> Role | None:
    """The most that somebody is in `thing`, whatever their credential's scope."""
    if actor.user is None:
        return None
    if isinstance(thing, Space):
        return _role_in_space(actor, actor.user, thing)
    if not actor.is_known:
        return None
    if actor.is_admin:
        return Role.ADMIN
    return _role_in_namespace(actor, actor.user, thing.id) if isinstance(thing, Namespace) else None


def _role_in_space(actor: Actor, user: User, space: Space) -> Role | None:
    if actor.spaces is not None and space.id not in actor.spaces:
        return None
    if actor.is_admin:
        return Role.ADMIN
    inherited = _role_in_namespace(actor, user, space.owner_id)
    if inherited is Role.CONTRIBUTOR and space.created_by == user.id:
        inherited = Role.WRITE
    found = [role for role in (inherited, actor.roles.get(space.id)) if role]
    return max(found, key=lambda role: role.rank, default=None)


def _role_in_namespace(actor: Actor, user: User, namespace_id: str) -> Role | None:
    return Role.ADMIN if namespace_id == user.id else actor.roles.get(namespace_id)


def readable(actor: Actor) -> ColumnElement[bool]:
    """`may(actor, Action.READ, space)` as a condition on `Space`."""
    if actor.is_known and actor.is_admin:
        return true()
    rule, opened = RULES[Action.READ], set[Visibility]()
    opened |= rule.everybody if actor.welcome else set()
    opened |= rule.known if actor.is_known else set()
    ways: list[ColumnElement[bool]] = [Space.visibility.in_(opened) if opened else false()]
    if actor.user and actor.spaces is not None:
        ways.append(Space.id.in_(actor.spaces) & _held(actor, actor.user))
    elif actor.user:
        ways.append(_held(actor, actor.user))
    return or_(*ways)


def _held(actor: Actor, user: User) -> ColumnElement[bool]:
    if actor.is_admin:
        return true()
    mine = [user.id, *actor.roles]
    return Space.owner_id.in_(mine) | Space.id.in_(mine)
