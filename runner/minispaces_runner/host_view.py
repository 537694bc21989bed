"""What a visitor of a host is told while no app answers there. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from minispaces_contract.messages import DeploymentSpec, DesiredWorld, SpaceRoute
from minispaces_contract.states import DesiredState
from minispaces_runner.progress import Progress, is_asleep
from minispaces_runner.routes import Target


class HostState(StrEnum):
    UNKNOWN = "unknown"
    EMPTY = "empty"
    """The Space exists, and nothing was ever deployed there."""
    BUILDING = "building"
    SLEEPING = "sleeping"
    STARTING = "starting"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def may_run_soon(self) -> bool:
        return self in {HostState.BUILDING, HostState.SLEEPING, HostState.STARTING, HostState.RUNNING}


@dataclass(frozen=True, slots=True)
class HostView:
    state: HostState
    route: SpaceRoute | None = None
    words: str | None = None


def view_of(
    host: str, world: DesiredWorld, *, progress: Mapping[str, Progress], routes: Mapping[str, Target]
) -> HostView:
    route = next((route for route in world.routes if route.host == host), None)
    if route is None:
        return HostView(HostState.UNKNOWN)
    specs = [spec for spec in world.deployments if spec.host == host]
    if host in routes:
        return HostView(HostState.RUNNING, route)
    return _not_running(route, specs, progress)


def _not_running(route: SpaceRoute, specs: Sequence[DeploymentSpec], progress: Mapping[str, Progress]) -> HostView:
    wanted = [spec for spec in specs if spec.desired is DesiredState.RUNNING]
    failures = [progress.get(spec.id, Progress()).failed for spec in wanted]
    if None in failures:
        newest = max(wanted, key=lambda spec: spec.id)
        sleeps = is_asleep(newest, progress.get(newest.id, Progress()))
        waits = progress.get(newest.id, Progress()).waits
        return HostView(HostState.SLEEPING if sleeps else HostState.STARTING, route, waits or None)
    if route.building:
        return HostView(HostState.BUILDING, route)
    words = route.failed or next((failure for failure in failures if failure), None)
    if words:
        return HostView(HostState.FAILED, route, words)
    return HostView(HostState.STOPPED if specs or route.deployment_id or route.stopped else HostState.EMPTY, route)
