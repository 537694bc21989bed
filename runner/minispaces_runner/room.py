"""Which starts a plan may hold, by what is on the machine already. Pure; `admission.py` has the policy."""

from collections.abc import Iterator, Mapping, Sequence

from minispaces_contract.messages import DeploymentSpec, DesiredWorld
from minispaces_contract.states import DesiredState
from minispaces_runner.admission import Amount, Capacity, Held, admit, amount_of
from minispaces_runner.engine import Instance
from minispaces_runner.memory import Memory
from minispaces_runner.steps import PutToSleep, SpaceStep, Start, Wait
from minispaces_runner.tiers import is_warm

_GPU_IDLE = 300.0
"""An app that nobody used for so long gives its GPU to one that waits for it."""
_RESERVED_AHEAD = 15 * 60.0
"""Seconds before an app is to be warm from which its room is kept for it."""


def let_in(
    starts: Sequence[Start], desired: DesiredWorld, found: Mapping[str, Instance], memory: Memory
) -> tuple[list[Start], list[SpaceStep]]:
    """`starts` in the order of their urgency: those that fit, and what to do about the others."""
    if memory.capacity is None or not starts:
        return list(starts), []
    specs = {spec.id: spec for spec in desired.deployments}
    held = list(_held(specs, found, memory, memory.capacity))
    wanted = [start.spec for start in starts]
    admission = admit(wanted, held, memory.capacity, reserved=_reserved(desired, memory))
    steps: list[SpaceStep] = [
        Wait(start.spec, words)
        for start in starts
        if (words := admission.waiting.get(start.spec.id)) and words != memory.of(start.spec.id).waits
    ]
    steps += [PutToSleep(specs[going], found[going]) for going in admission.making_room]
    return [start for start in starts if start.spec in admission.admitted], steps


def _reserved(desired: DesiredWorld, memory: Memory) -> dict[str, Amount]:
    """For apps that are to be kept warm now or soon: whoever starts meanwhile leaves them their room."""
    due = [
        spec
        for spec in sorted(desired.deployments, key=lambda spec: spec.id)
        if spec.desired is DesiredState.RUNNING
        and memory.of(spec.id).failed is None
        and is_warm(spec.sleep, now=memory.now, ahead=_RESERVED_AHEAD)
    ]
    return {spec.space_id: amount_of(spec.hardware) for spec in due}


def _held(
    specs: Mapping[str, DeploymentSpec], found: Mapping[str, Instance], memory: Memory, capacity: Capacity
) -> Iterator[Held]:
    """What nobody knows any more is about to go, and does not count."""
    for deployment_id, instance in found.items():
        if (spec := specs.get(deployment_id)) is not None and instance.exit is None:
            frozen = capacity.paged_out_share if memory.of(deployment_id).paged_out else capacity.frozen_share
            share = frozen if instance.frozen else 1.0
            yield Held(deployment_id, spec.space_id, spec.hardware, share, _rests(spec, instance, memory))
    there = {deployment_id for deployment_id, instance in found.items() if instance.exit is None}
    for deployment_id in memory.starting - there:
        if spec := specs.get(deployment_id):
            yield Held(deployment_id, spec.space_id, spec.hardware)


def _rests(spec: DeploymentSpec, instance: Instance, memory: Memory) -> float | None:
    """Since when, if it may be stopped for others."""
    never = spec.sleep.stop_after is None or is_warm(spec.sleep, now=memory.now)
    if never or spec.space_id in memory.busy or memory.activity is None or memory.connections(spec.id):
        return None
    since = memory.now - min(memory.activity.of(spec.id).idle, memory.now - instance.started_at)
    gives_gpu = spec.hardware.gpus and not spec.hardware.gpu_shared and memory.now - since > _GPU_IDLE
    return since if instance.frozen or gives_gpu else None
