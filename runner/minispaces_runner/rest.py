"""When an app goes to sleep, and when it gets up again. Pure."""

from collections.abc import Iterator, Mapping

from minispaces_contract.messages import DeploymentSpec, DesiredWorld
from minispaces_contract.states import DesiredState
from minispaces_runner.engine import Instance
from minispaces_runner.memory import Memory
from minispaces_runner.progress import is_asleep
from minispaces_runner.steps import Freeze, PageOut, PutToSleep, SpaceStep, StandBy, Start, Thaw, Wait
from minispaces_runner.tiers import Resident, Tier, is_warm

_WARM_AHEAD = 60.0
"""An app is up so long before the time for which it was asked to be, or as long as its last start took, and half."""


def residents(desired: DesiredWorld, found: Mapping[str, Instance], memory: Memory) -> Iterator[Resident]:
    """Apps that serve, or are frozen: those that drain have their own time."""
    for spec in desired.deployments:
        instance, route = found.get(spec.id), memory.routes.get(spec.host)
        if spec.desired is not DesiredState.RUNNING or instance is None or instance.exit is not None:
            continue
        if instance.frozen or (route is not None and route.deployment_id == spec.id):
            last = _last_event(spec, instance, memory)
            idle = None if last is None or memory.connections(spec.id) else max(0.0, memory.now - last)
            tier = _tier(instance, memory)
            yield Resident(spec.id, idle, tier, spec.sleep, by_hand=_was_sent_to_sleep(spec, last))


def lies_down(spec: DeploymentSpec, instance: Instance | None, memory: Memory) -> bool:
    """Whether it holds nothing on this machine, and need not. A newer version of what serves starts, born so or not."""
    progress = memory.of(spec.id)
    if (instance is not None and instance.exit is None) or progress.failed is not None:
        return False
    return is_asleep(spec, progress) and not (progress.sleeps is None and spec.host in memory.routes)


def get_up(spec: DeploymentSpec, instance: Instance | None, memory: Memory) -> list[SpaceStep]:
    """Of one that lies down."""
    progress = memory.of(spec.id)
    if instance is not None or not progress.announced:
        return [PutToSleep(spec, instance)]
    return [Start(spec)] if _is_wanted(spec, memory) and memory.now >= progress.not_before else []


def rest(spec: DeploymentSpec, instance: Instance, memory: Memory, *, tier: Tier) -> list[SpaceStep]:
    """Of one that could answer now. `tier` is how deep it may sleep."""
    if memory.may_be_awake(spec.id):
        if instance.frozen and (_is_wanted(spec, memory) or memory.connections(spec.id)):
            return [Thaw(spec, instance)]
    elif not instance.frozen or memory.turns[spec.id].words != memory.of(spec.id).waits:
        return _await_turn(spec, instance, memory)
    return [] if _is_due(spec, memory) else _lie_down(spec, instance, memory, tier=tier)


def _lie_down(spec: DeploymentSpec, instance: Instance, memory: Memory, *, tier: Tier) -> list[SpaceStep]:
    progress = memory.of(spec.id)
    if tier is Tier.STOPPED:
        return [PutToSleep(spec, instance, by_hand=_was_sent_to_sleep(spec, _last_event(spec, instance, memory)))]
    if progress.silence is not None:  # frozen, it could not be seen to hang
        return []
    if instance.frozen:
        return [PageOut(spec, instance)] if tier is Tier.PAGED_OUT and not progress.paged_out else []
    return [Freeze(spec, instance)] if tier > Tier.RUNNING and not progress.unfreezable else []


def _await_turn(spec: DeploymentSpec, instance: Instance, memory: Memory) -> list[SpaceStep]:
    """One that cannot hold still stops, when nothing is being worked at in it."""
    if instance.frozen:
        return [Wait(spec, memory.turns[spec.id].words, in_sleep=True)]
    if not memory.of(spec.id).unfreezable:
        return [StandBy(spec, instance)]
    works = memory.activity is None or memory.activity.of(spec.id).works
    return [] if works else [PutToSleep(spec, instance, by_hand=True)]


def _is_wanted(spec: DeploymentSpec, memory: Memory) -> bool:
    """Also by somebody who woke it by hand."""
    return _is_due(spec, memory) or (spec.sleep.awake_since or 0) > memory.of(spec.id).slept_at


def _is_due(spec: DeploymentSpec, memory: Memory) -> bool:
    """A visitor waits, or a time in which it is to be up is near."""
    ahead = max(_WARM_AHEAD, (memory.of(spec.id).seconds or 0) * 1.5)
    return spec.host in memory.wanted or is_warm(spec.sleep, now=memory.now, ahead=ahead)


def _last_event(spec: DeploymentSpec, instance: Instance, memory: Memory) -> float | None:
    """When a visitor last came or left, or when it began to answer. None where nobody can tell."""
    if memory.activity is None:
        return None
    used = memory.now - memory.activity.of(spec.id).idle
    return max(used, memory.of(spec.id).since or instance.started_at, spec.sleep.awake_since or 0)


def _was_sent_to_sleep(spec: DeploymentSpec, last_event: float | None) -> bool:
    return last_event is not None and spec.sleep.asleep_since is not None and last_event < spec.sleep.asleep_since


def _tier(instance: Instance, memory: Memory) -> Tier:
    if not instance.frozen:
        return Tier.RUNNING
    return Tier.PAGED_OUT if memory.of(instance.deployment_id).paged_out else Tier.FROZEN
