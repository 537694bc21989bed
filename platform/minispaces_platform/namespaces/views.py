"""What the pages of people and organisations show. Pure."""

from dataclasses import dataclass
from datetime import datetime

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.forms import FormProblem
from minispaces_platform.gallery.views import FeaturedView
from minispaces_platform.models.namespaces import Namespace, NamespaceKind
from minispaces_platform.models.roles import Role
from minispaces_platform.namespaces.queries import Member
from minispaces_platform.spaces.views import Face

ROLE_WORDS = {
    Role.READ: "sees all Spaces of the organisation",
    Role.CONTRIBUTOR: "makes Spaces, and changes those",
    Role.WRITE: "makes and changes all Spaces",
    Role.ADMIN: "changes Spaces, members and settings",
}


@dataclass(frozen=True, slots=True)
class Belonging:
    """An organisation that somebody is in."""

    name: str
    full_name: str
    role: str


@dataclass(frozen=True, slots=True)
class NamespaceView:
    """`members` are for those who may see them; `settings` is where the visitor may change something."""

    name: str
    full_name: str
    is_organization: bool
    is_self: bool
    since: datetime
    cards: tuple[Face, ...]
    is_first: bool
    more: str
    collections: tuple[FeaturedView, ...]
    liked: tuple[Face, ...]
    new_collection: str
    """Where one makes a collection here; empty for those who may not."""
    members: tuple[Member, ...]
    organizations: tuple[Belonging, ...]
    settings: str
    push_url: str


@dataclass(frozen=True, slots=True)
class ProfileView:
    name: str
    full_name: str
    organizations: tuple[Belonging, ...]
    problem: FormProblem
    done: str


def belongings(actor: Actor, organizations: list[tuple[Namespace, Role]]) -> tuple[Belonging, ...]:
    """Only organisations whose members the visitor may see."""
    seen = [(it, role) for it, role in organizations if may(actor, Action.SEE_MEMBERS, it)]
    return tuple(Belonging(it.name, it.full_name, role.value) for it, role in seen)


def settings_path(actor: Actor, namespace: Namespace) -> str:
    if namespace.kind is NamespaceKind.ORGANIZATION:
        allowed = may(actor, Action.MANAGE_NAMESPACE, namespace)
        return f"/organizations/{namespace.name}/settings" if allowed else ""
    return "/settings/profile" if may(actor, Action.USE_ACCOUNT, namespace) and is_self(actor, namespace) else ""


def is_self(actor: Actor, namespace: Namespace) -> bool:
    return actor.user is not None and actor.user.id == namespace.id
