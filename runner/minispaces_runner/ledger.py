"""What the runner remembers: the last world, each deployment's progress, the routes as last seen."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from minispaces_contract.messages import DesiredWorld
from minispaces_runner.host_view import HostView, view_of
from minispaces_runner.progress import Progress
from minispaces_runner.routes import Target


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

    @property
    def wanted(self) -> frozenset[str]:
        return frozenset(+self._visitors)

    def notify(self) -> None:
        """Wake everyone who waits for a change."""
        self.change.set()
        self.change = asyncio.Event()

    def see_routes(self, routes: dict[str, Target]) -> None:
        if routes != self.routes:
            self.routes = routes
            self.notify()
