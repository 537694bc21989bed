"""What the runner can do: the steps of a plan, as values."""

from dataclasses import dataclass

from minispaces_contract.messages import DeploymentSpec
from minispaces_runner.engine import Instance


@dataclass(frozen=True, slots=True)
class Start:
    spec: DeploymentSpec


@dataclass(frozen=True, slots=True)
class Wait:
    """Its start does not fit on this machine now, or, `in_sleep`, its turn has not come; the words say what for."""

    spec: DeploymentSpec
    words: str
    in_sleep: bool = False


@dataclass(frozen=True, slots=True)
class AwaitReady:
    spec: DeploymentSpec
    instance: Instance


@dataclass(frozen=True, slots=True)
class Serve:
    """Lead the host here, then say so."""

    spec: DeploymentSpec
    instance: Instance
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fail:
    """Give up on a deployment: it never answered, or it crashes again and again."""

    spec: DeploymentSpec
    instance: Instance


@dataclass(frozen=True, slots=True)
class Recover:
    """Clear away a crashed instance and wait before the next start."""

    spec: DeploymentSpec
    instance: Instance


@dataclass(frozen=True, slots=True)
class Stop:
    """`spec` is None for an instance that nobody knows."""

    deployment_id: str
    space_id: str
    spec: DeploymentSpec | None = None


@dataclass(frozen=True, slots=True)
class Freeze:
    spec: DeploymentSpec
    instance: Instance


@dataclass(frozen=True, slots=True)
class StandBy:
    """Hold still until its turn at the GPU comes, whoever is connected to it."""

    spec: DeploymentSpec
    instance: Instance
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thaw:
    spec: DeploymentSpec
    instance: Instance


@dataclass(frozen=True, slots=True)
class PageOut:
    spec: DeploymentSpec
    instance: Instance


@dataclass(frozen=True, slots=True)
class PutToSleep:
    """Stop it until somebody wants it, or say that it was born so."""

    spec: DeploymentSpec
    instance: Instance | None = None
    by_hand: bool = False
    """Whoever is still connected to it does not keep it awake."""


@dataclass(frozen=True, slots=True)
class DropRoute:
    host: str


Rest = Freeze | StandBy | Thaw | PageOut | PutToSleep
SpaceStep = Start | Wait | AwaitReady | Serve | Fail | Recover | Stop | Rest
Step = SpaceStep | DropRoute


def space_of(step: SpaceStep) -> str:
    return step.space_id if isinstance(step, Stop) else step.spec.space_id
