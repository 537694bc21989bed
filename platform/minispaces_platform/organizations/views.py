"""What the pages of organisations show. Pure."""

from dataclasses import dataclass

from minispaces_platform.forms import FormProblem, RoleChoice
from minispaces_platform.models.roles import Role
from minispaces_platform.namespaces.queries import Member
from minispaces_platform.namespaces.views import ROLE_WORDS

ROLES = tuple(RoleChoice(role.value, ROLE_WORDS[role]) for role in Role)


@dataclass(frozen=True, slots=True)
class NewView:
    name: str
    full_name: str
    refusal: str
    """Why this person may make none, if so."""
    problem: FormProblem


@dataclass(frozen=True, slots=True)
class SettingsView:
    name: str
    full_name: str
    members: tuple[Member, ...]
    roles: tuple[RoleChoice, ...]
    spaces: int
    problem: FormProblem
    done: str
