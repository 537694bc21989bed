"""What is remembered of one deployment, and how that changes. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from minispaces_contract.messages import DeploymentSpec
from minispaces_runner.engine import Instance
from minispaces_runner.health import Silence
from minispaces_runner.routes import Target

QUICK_SECONDS = 60
"""An app that ends sooner than this after its start has crashed quickly."""
_LONGEST_WAIT = 300


@dataclass(frozen=True, slots=True)
class Progress:
    """What is remembered of one deployment."""

    ready: bool = False
    """Its present instance has answered."""
    lived: bool = False
    """Some instance of it has answered, so that its end is a crash and no failed deploy."""
    announced: bool = False
    """The platform was told that the present instance serves."""
    seconds: float | None = None
    """From its start to its first answer, where this runner saw both."""
    failed: str | None = None
    """Why it was given up, in words."""
    timed_out: bool = False
    last_status: int | None = None
    """The last HTTP status it answered with before it timed out."""
    crashes: int = 0
    silence: Silence | None = None
    """Since when its present instance, which had answered, does not."""
    ended: str = ""
    """Why the instance before this one came to its end, in words, where it was started again because of that."""
    waits: str = ""
    """What its start waits for, in words."""
    not_before: float = 0
    """When it may start again, in seconds since the epoch."""
    replaced_at: float | None = None
    """When its host went over to a newer deployment."""
    since: float | None = None
    """When it last began to answer, by a start or a thaw, where this runner saw it."""
    sleeps: bool | None = None
    """Frozen, or stopped because nobody used it. None: as it was born."""
    slept_at: float = 0
    """When it last fell asleep, in seconds since the epoch."""
    paged_out: bool = False
    unfreezable: bool = False
    """Freezing was tried, and this one cannot be."""


def target_of(instance: Instance) -> Target:
    return Target(instance.ip, instance.port, instance.deployment_id)


def is_asleep(spec: DeploymentSpec, progress: Progress) -> bool:
    return spec.on_demand if progress.sleeps is None else progress.sleeps


def recall(
    routes: Mapping[str, Target],
    instances: Sequence[Instance],
    *,
    sleepers: Mapping[str, float] | None = None,
    now: float = 0,
) -> dict[str, Progress]:
    """What a runner that has just started can know: who has a route, or is frozen, has answered.

    Who runs without a route starts, or drains; for the latter, its time begins anew.
    """
    alive = {target_of(instance) for instance in instances if instance.exit is None}
    frozen = {each.deployment_id for each in instances if each.frozen and each.exit is None}
    known = {each.deployment_id: Progress(replaced_at=now) for each in instances if each.exit is None}
    known |= {target.deployment_id: Progress(ready=target in alive, lived=True) for target in routes.values()}
    asleep = dict.fromkeys(frozen, 0.0) | dict(sleepers or {})
    return known | {
        each: Progress(ready=each in frozen, lived=True, sleeps=True, slept_at=since) for each, since in asleep.items()
    }


def lived_seconds(instance: Instance, progress: Progress, *, now: float) -> float:
    """How long it did what it should: one that hangs has not lived since, one that never answered not at all."""
    if progress.timed_out:
        return 0
    end = now if instance.exit is not None or progress.silence is None else progress.silence.since
    return end - instance.started_at


def after_crash(progress: Progress, *, lived_seconds: float, now: float, words: str = "") -> Progress:
    """Wait 1 s, then twice as long after every further quick crash, up to five minutes."""
    crashes = progress.crashes + 1 if lived_seconds < QUICK_SECONDS else 1
    wait = min(2.0 ** (crashes - 1), _LONGEST_WAIT)
    again = replace(progress, crashes=crashes, not_before=now + wait, ended=words)
    return replace(again, ready=False, announced=False, timed_out=False, silence=None)
