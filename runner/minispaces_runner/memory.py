"""Everything beside the world and the engine that a plan depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from minispaces_runner.activity import Activity
from minispaces_runner.admission import Capacity
from minispaces_runner.gpu.turns import Turn
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
    turns: Mapping[str, Turn] = field(default_factory=dict)
    """By deployment, of those that take turns at a shared GPU by the request."""
    capacity: Capacity | None = None
    """None: whatever is wanted starts."""
    drain_seconds: float = 10
    starts_at_once: int = 4
    unanswered_seconds: float = 300

    def of(self, deployment_id: str) -> Progress:
        return self.progress.get(deployment_id, Progress())

    def may_be_awake(self, deployment_id: str) -> bool:
        """But for those whose turn at the GPU it is not, everybody."""
        turn = self.turns.get(deployment_id)
        return turn is None or turn.may_be_awake

    def connections(self, deployment_id: str) -> int:
        return self.activity.of(deployment_id).connections if self.activity else 0
