"""Everything beside the world and the engine that a plan depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from minispaces_runner.activity import Activity
from minispaces_runner.admission import Capacity
from minispaces_runner.progress import Progress
from minispaces_runner.routes import Target
from minispaces_runner.tiers import Machine


@dataclass(frozen=True, slots=True)
class Memory:
    routes: Mapping[str, Target]
    progress: Mapping[str, Progress]
    now: float
    busy: frozenset[str] = frozenset()
    """Spaces for which steps are being carried out."""
    starting: frozenset[str] = frozenset()
    """Deployments whose start is being carried out."""
    watched: frozenset[str] = frozenset()
    """Deployments whose first answer somebody waits for already."""
    wanted: frozenset[str] = frozenset()
    """Hosts that somebody waits for."""
    activity: Activity | None = None
    """None while the proxy is away: then nobody is sent to sleep."""
    machine: Machine = field(default_factory=Machine)
    capacity: Capacity | None = None
    """None: whatever is wanted starts."""
    drain_seconds: float = 10
    starts_at_once: int = 4
    unanswered_seconds: float = 300

    def of(self, deployment_id: str) -> Progress:
        return self.progress.get(deployment_id, Progress())

    def connections(self, deployment_id: str) -> int:
        return self.activity.of(deployment_id).connections if self.activity else 0
