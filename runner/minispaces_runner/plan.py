"""What to do next, from what should be and what is. Pure: the whole policy of the runner, and no effect.

At most one deployment serves a host; a Space has one host of its own, and one for each preview. A newer deployment
starts beside the older one and takes over when it answers; then the older one drains and stops. A newer one that
fails changes nothing for the older one. Newer means a greater id: ids are made in the order of time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from minispaces_contract.messages import DeploymentSpec, DesiredWorld
from minispaces_contract.states import DesiredState
from minispaces_runner.engine import Instance
from minispaces_runner.health import is_hung
from minispaces_runner.memory import Memory
from minispaces_runner.progress import QUICK_SECONDS, Progress, lived_seconds, target_of
from minispaces_runner.rest import get_up, lies_down, residents, rest
from minispaces_runner.room import let_in
from minispaces_runner.routes import Target
from minispaces_runner.steps import AwaitReady, DropRoute, Fail, Recover, Serve, SpaceStep, StandBy, Start, Step, Stop
from minispaces_runner.tiers import Tier, tiers_of

MOST_QUICK_CRASHES = 5
_SLOT_SECONDS = 60
"""A start that takes longer no longer keeps others from starting."""
_LEAST_DRAIN = 3.0
"""What the proxy was about to send to an older version gets there, even if nobody is connected just now."""


def plan(desired: DesiredWorld, instances: Sequence[Instance], memory: Memory) -> list[Step]:
    """Routes that lead nowhere go first, so that no other app can get the address they lead to."""
    found = {instance.deployment_id: instance for instance in instances}
    tiers = tiers_of(residents(desired, found, memory), memory.machine, now=memory.now)
    steps = [
        step
        for specs in _by_host(desired)
        if specs[0].space_id not in memory.busy
        for step in _plan_host(specs, found, memory, tiers=tiers)
    ]
    starts = [step for step in steps if isinstance(step, Start)]
    others = [step for step in steps if not isinstance(step, Start)]
    return [
        *_drop_routes(desired, found, memory),
        *others,
        *_stop_unknown(desired, instances, memory),
        *_as_room_allows(starts, desired, found, memory),
    ]


def next_moment(progress: Mapping[str, Progress], *, now: float, drain_seconds: float) -> float | None:
    """When time alone will change the plan, and the sweep would be late."""
    moments = [each.not_before for each in progress.values()]
    moments += [
        each.replaced_at + seconds
        for each in progress.values()
        if each.replaced_at is not None
        for seconds in (min(_LEAST_DRAIN, drain_seconds), drain_seconds)
    ]
    return min((moment for moment in moments if moment > now), default=None)


def _by_host(desired: DesiredWorld) -> Iterable[list[DeploymentSpec]]:
    """Each host's deployments, newest first."""
    hosts: dict[str, list[DeploymentSpec]] = defaultdict(list)
    for spec in sorted(desired.deployments, key=lambda spec: spec.id, reverse=True):
        hosts[spec.host].append(spec)
    return hosts.values()


def _drop_routes(desired: DesiredWorld, found: Mapping[str, Instance], memory: Memory) -> list[DropRoute]:
    specs = {spec.id: spec for spec in desired.deployments}
    busy = {spec.host for spec in desired.deployments if spec.space_id in memory.busy}
    return [
        DropRoute(host)
        for host, target in memory.routes.items()
        if host not in busy
        and (
            memory.of(target.deployment_id).failed is not None
            or not _leads_to(
                target, specs.get(target.deployment_id), found.get(target.deployment_id), memory, host=host
            )
        )
    ]


def _leads_to(
    target: Target, spec: DeploymentSpec | None, instance: Instance | None, memory: Memory, *, host: str
) -> bool:
    if spec is None or instance is None or instance.frozen or _is_over(instance, memory):
        return False
    return spec.desired is DesiredState.RUNNING and spec.host == host and target_of(instance) == target


def _plan_host(
    specs: list[DeploymentSpec], found: Mapping[str, Instance], memory: Memory, *, tiers: Mapping[str, Tier]
) -> list[SpaceStep]:
    """`specs` are all deployments of one host, newest first."""
    wanted = [spec for spec in specs if spec.desired is DesiredState.RUNNING]
    steps: list[SpaceStep] = [
        step for spec in specs if spec not in wanted for step in _stop_drained(spec, found, memory)
    ]
    newest_lived = newer_comes = False
    serving: DeploymentSpec | None = None
    for spec in wanted:
        if serving is not None:
            steps += _retire(spec, found, memory)
            continue
        if lies_down(spec, found.get(spec.id), memory):
            serving = spec
            steps += [] if newer_comes else get_up(spec, found.get(spec.id), memory)
            continue
        steps += _advance(spec, found.get(spec.id), memory, may_start=not newest_lived)
        newer_comes = newer_comes or memory.of(spec.id).failed is None
        if _answers(spec, found, memory):
            serving = spec
            tier = tiers.get(spec.id, Tier.RUNNING)
            steps += _serve(spec, wanted, found, memory) or rest(spec, found[spec.id], memory, tier=tier)
        newest_lived = newest_lived or (memory.of(spec.id).lived and memory.of(spec.id).failed is None)
    return steps


def _answers(spec: DeploymentSpec, found: Mapping[str, Instance], memory: Memory) -> bool:
    instance, progress = found.get(spec.id), memory.of(spec.id)
    return instance is not None and not _is_over(instance, memory) and progress.ready and progress.failed is None


def _is_over(instance: Instance, memory: Memory) -> bool:
    """It has ended, or will never answer again. What is frozen answers when it thaws."""
    silence = None if instance.frozen else memory.of(instance.deployment_id).silence
    return instance.exit is not None or is_hung(silence, now=memory.now, seconds=memory.unanswered_seconds)


def _advance(spec: DeploymentSpec, instance: Instance | None, memory: Memory, *, may_start: bool) -> list[SpaceStep]:
    """The next step of a deployment that should run and does not serve yet."""
    progress = memory.of(spec.id)
    if progress.failed is not None:
        return [Stop(spec.id, spec.space_id)] if instance else []
    if instance is None:
        return [Start(spec)] if may_start and memory.now >= progress.not_before else []
    if _is_over(instance, memory) or progress.timed_out:
        quick = lived_seconds(instance, progress, now=memory.now) < QUICK_SECONDS
        hopeless = not progress.lived or (quick and progress.crashes >= MOST_QUICK_CRASHES)
        return [Fail(spec, instance) if hopeless else Recover(spec, instance)]
    return [] if progress.ready or spec.id in memory.watched else [AwaitReady(spec, instance)]


def _serve(
    spec: DeploymentSpec, wanted: list[DeploymentSpec], found: Mapping[str, Instance], memory: Memory
) -> list[SpaceStep]:
    instance = found[spec.id]
    is_served = memory.routes.get(spec.host) == target_of(instance) and memory.of(spec.id).announced
    if is_served or instance.frozen:
        return []
    older = tuple(other.id for other in wanted if other.id < spec.id and other.id in found)
    if not memory.may_be_awake(spec.id):
        return [StandBy(spec, instance, older)] if older else []
    return [Serve(spec, instance, older)]


def _retire(spec: DeploymentSpec, found: Mapping[str, Instance], memory: Memory) -> list[SpaceStep]:
    """An older deployment stays until the route has left it."""
    route = memory.routes.get(spec.host)
    return [] if route and route.deployment_id == spec.id else _stop_drained(spec, found, memory)


def _stop_drained(spec: DeploymentSpec, found: Mapping[str, Instance], memory: Memory) -> list[SpaceStep]:
    return [Stop(spec.id, spec.space_id, spec)] if spec.id in found and not _drains(spec.id, memory) else []


def _drains(deployment_id: str, memory: Memory) -> bool:
    """While somebody is still connected to it; while the proxy is away nobody can tell."""
    replaced_at = memory.of(deployment_id).replaced_at
    if replaced_at is None or memory.now >= replaced_at + memory.drain_seconds:
        return False
    is_left = memory.activity is not None and not memory.connections(deployment_id)
    return not is_left or memory.now < replaced_at + _LEAST_DRAIN


def _stop_unknown(desired: DesiredWorld, instances: Sequence[Instance], memory: Memory) -> list[Stop]:
    known = {spec.id for spec in desired.deployments}
    return [
        Stop(instance.deployment_id, instance.space_id)
        for instance in instances
        if instance.deployment_id not in known
        and instance.space_id not in memory.busy
        and not _drains(instance.deployment_id, memory)
    ]


def _as_room_allows(
    starts: list[Start], desired: DesiredWorld, found: Mapping[str, Instance], memory: Memory
) -> list[SpaceStep]:
    """First what somebody waits for, then what was live, then the rest."""
    slow = {instance.deployment_id for instance in found.values() if memory.now - instance.started_at > _SLOT_SECONDS}
    open_starts = (memory.starting | memory.watched) - slow

    def urgency(start: Start) -> tuple[bool, bool]:
        return (start.spec.host not in memory.wanted, not memory.of(start.spec.id).lived)

    fitting, others = let_in(sorted(starts, key=urgency), desired, found, memory)
    return [*others, *fitting[: max(0, memory.starts_at_once - len(open_starts))]]
