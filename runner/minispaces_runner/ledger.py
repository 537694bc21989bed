"""What the runner remembers: the last world, each deployment's progress, the routes as last seen."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from minispaces_contract.messages import DesiredWorld
from minispaces_contract.states import DesiredState
from minispaces_runner.engine import Instance
from minispaces_runner.host_view import HostView, view_of
from minispaces_runner.progress import Progress
from minispaces_runner.routes import Target
from minispaces_runner.steps import Thaw

_CALL_SECONDS = 120.0


class Ledger:
    """Lost with the runner, and rebuilt from the engine, the route table and the platform."""

    def __init__(self) -> None:
        self.world: DesiredWorld | None = None
        """None until one is known: without it nothing may be started or stopped."""
        self.progress: dict[str, Progress] = {}
        self.routes: dict[str, Target] = {}
        self.build_lines: Counter[str] = Counter()
        """How many lines of each starting deployment have gone to its build's log."""
        self._visitors: Counter[str] = Counter()
        self._called: dict[str, float] = {}
        self.frozen: dict[str, Thaw] = {}
        """By host, what would wake it at once."""
        self.change = asyncio.Event()
        """Set at the next change, and another one afterwards: take it before looking, wait for it afterwards."""

    def of(self, deployment_id: str) -> Progress:
        return self.progress.get(deployment_id, Progress())

    def note(self, deployment_id: str, **fields: Any) -> None:
        """Change fields of a deployment's Progress."""
        self.progress[deployment_id] = replace(self.of(deployment_id), **fields)
        self.notify()

    def forget(self, deployment_id: str) -> None:
        self.progress.pop(deployment_id, None)
        self.notify()

    def view(self, host: str) -> HostView | None:
        """None while no world is known."""
        if self.world is None:
            return None
        return view_of(host, self.world, progress=self.progress, routes=self.routes)

    @contextmanager
    def visitor(self, host: str) -> Iterator[None]:
        """Somebody waits for this host: its start goes before others."""
        self._visitors[host] += 1
        try:
            yield
        finally:
            self._visitors[host] -= 1

    def call(self, host: str) -> None:
        """Somebody wants it, and may look away meanwhile: a browser shows the waiting page."""
        self._called[host] = time.monotonic() + _CALL_SECONDS

    def answer(self, host: str) -> None:
        """It is up, or will not be."""
        self._called.pop(host, None)

    @property
    def wanted(self) -> frozenset[str]:
        now = time.monotonic()
        self._called = {host: until for host, until in self._called.items() if until > now}
        return frozenset({*+self._visitors, *self._called})

    @property
    def sleepers(self) -> dict[str, float]:
        """What a runner after this one must not start, and since when."""
        return {name: progress.slept_at for name, progress in self.progress.items() if progress.sleeps}

    def see_frozen(self, instances: Iterable[Instance]) -> None:
        frozen = {each.deployment_id: each for each in instances if each.frozen and each.exit is None}
        specs = sorted(self.world.deployments if self.world else (), key=lambda spec: spec.id)
        wanted = (spec for spec in specs if spec.desired is DesiredState.RUNNING and spec.id in frozen)
        self.frozen = {spec.host: Thaw(spec, frozen[spec.id]) for spec in wanted}

    def notify(self) -> None:
        """Wake everyone who waits for a change."""
        self.change.set()
        self.change = asyncio.Event()

    def see_routes(self, routes: dict[str, Target]) -> None:
        if routes != self.routes:
            self.routes = routes
            self.notify()
