"""What a Space's settings page shows. Pure."""

from dataclasses import dataclass

from minispaces_contract.states import DesiredState
from minispaces_platform.access import PLATFORM, Action, Actor, may
from minispaces_platform.configuration.queries import VariableNow
from minispaces_platform.forms import FormProblem, RoleChoice
from minispaces_platform.hardware.views import HardwareWords
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.roles import Role
from minispaces_platform.sleeping.views import SleepSection
from minispaces_platform.spaces.collaborators import COLLABORATOR_ROLES
from minispaces_platform.spaces.moving import may_transfer
from minispaces_platform.spaces.queries import CollaboratorNow, SpaceNow
from minispaces_platform.spaces.views import SpaceView
from minispaces_platform.spaces.visibility import VisibilityWords
from minispaces_platform.storage.views import StorageSection

_ROLE_WORDS = {
    Role.READ: "sees the page, the code and the app",
    Role.WRITE: "also pushes, and reads the logs",
    Role.ADMIN: "also changes these settings",
}


ROLES = tuple(RoleChoice(role.value, _ROLE_WORDS[role]) for role in COLLABORATOR_ROLES)


@dataclass(frozen=True, slots=True)
class Takedown:
    """None in the view for everybody but admins of the installation."""

    space_id: str
    is_down: bool
    reason: str


@dataclass(frozen=True, slots=True)
class SettingsView:
    """`runs` is whether its app should run, None where there is none yet.

    `targets` are names that the visitor may transfer the Space to; an admin may type any.
    """

    space: SpaceView
    full_name: str
    visibility: str
    hardware: str
    flavours: tuple[HardwareWords, ...]
    current: str
    """What its app runs on now, where that is not what was asked for."""
    variables: tuple[VariableNow, ...]
    is_static: bool
    is_docker: bool
    runs: bool | None
    visibilities: tuple[VisibilityWords, ...]
    collaborators: tuple[CollaboratorNow, ...]
    roles: tuple[RoleChoice, ...]
    host: str
    targets: tuple[str, ...]
    anywhere: bool
    storage: StorageSection
    sleep: SleepSection
    takedown: Takedown | None
    problem: FormProblem
    done: str


def runs_of(now: SpaceNow) -> bool | None:
    if now.newest is None:
        return None
    return now.serving is not None or now.newest.desired is DesiredState.RUNNING


def targets_of(actor: Actor, owner: Namespace, namespaces: list[Namespace]) -> tuple[str, ...]:
    return tuple(each.name for each in namespaces if each.id != owner.id and may_transfer(actor, owner, each))


def is_admin(actor: Actor) -> bool:
    return may(actor, Action.ADMINISTER, PLATFORM)
