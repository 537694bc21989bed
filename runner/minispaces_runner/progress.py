"""What is remembered of one deployment, and how that changes. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from minispaces_runner.engine import Instance
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
    not_before: float = 0
    """When it may start again, in seconds since the epoch."""
    replaced_at: float | None = None
    """When its host went over to a newer deployment."""


def target_of(instance: Instance) -> Target:
    return Target(instance.ip, instance.port, instance.deployment_id)


def recall(routes: Mapping[str, Target], instances: Iterable[Instance]) -> dict[str, Progress]:
    """What a runner that has just started can know: who has a route has answered."""
    alive = {target_of(instance) for instance in instances if instance.exit is None}
    return {target.deployment_id: Progress(ready=target in alive, lived=True) for target in routes.values()}


def after_crash(progress: Progress, *, lived_seconds: float, now: float) -> Progress:
    """Wait 1 s, then twice as long after every further quick crash, up to five minutes."""
    crashes = progress.crashes + 1 if lived_seconds < QUICK_SECONDS else 1
    wait = min(2.0 ** (crashes - 1), _LONGEST_WAIT)
    return replace(progress, ready=False, announced=False, timed_out=False, crashes=crashes, not_before=now + wait)
