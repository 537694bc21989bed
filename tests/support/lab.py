"""A whole runner with real parts: reconciler, waker and proxy, and apps that a test says how to be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import redis.asyncio
from support.eventually import eventually
from support.platform_door import nobody_has_a_ticket, world_of
from support.proxy import open_doors

from minispaces_contract import hints, logstream
from minispaces_contract.client import RunnerDoor
from minispaces_runner.__main__ import serve_waker
from minispaces_runner.effects import Effects
from minispaces_runner.gpu.turn_taker import TurnTaker
from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.ledger import Ledger
from minispaces_runner.reconciler import Reconciler
from minispaces_runner.reporter import Reporter
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.waker import make_waker
from minispaces_runner.world_follower import WorldFollower


@asynccontextmanager
async def running(settings, engine, client, *, book=None) -> AsyncIterator[Reconciler]:
    door = RunnerDoor(settings)
    ledger = Ledger()
    routes = HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)
    effects = Effects(engine=engine, routes=routes, reporter=Reporter(door), redis=client, ledger=ledger)
    turns = TurnTaker(book, engine.seats, longest=settings.gpu_lease_seconds) if book else None
    world = WorldFollower(door, client, ledger=ledger, settings=settings)
    reconciler = Reconciler(effects, world, settings, turns=turns)
    waker = make_waker(ledger, settings, wake=reconciler.wake, redeem=nobody_has_a_ticket)
    tasks = [asyncio.create_task(reconciler.run()), asyncio.create_task(serve_waker(waker, settings))]
    try:
        yield reconciler
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=20)
        await door.aclose()
        assert all(task.cancelled() for task in tasks)


@dataclass
class Lab:
    """A runner's surroundings; the runner itself is up within `running`."""

    settings: RunnerSettings
    door: Any
    engine: Any
    client: redis.asyncio.Redis
    proxy: Any = None
    reconciler: Any = None
    visitors: Any = None
    book: Any = None

    async def change(self, *specs):
        await open_doors(self.settings, *(spec.host for spec in specs))
        self.door.world = world_of(*specs)
        await self.client.publish(hints.WORLD, b"")

    async def until(self, status, spec, *, seconds=60):
        await eventually(lambda: self.door.statuses(spec.id)[-1:] == [status], seconds=seconds)

    async def until_asleep(self, spec):
        """Looks again and again, where the runner would wait for its sweep."""

        def sleeps():
            self.reconciler.cue()
            return self.door.statuses(spec.id)[-1:] == ["sleeping"]

        await eventually(sleeps)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Reconciler]:
        async with running(self.settings, self.engine, self.client, book=self.book) as self.reconciler:
            yield self.reconciler

    def answering(self):
        return self.door.open(self.settings.internal_url)

    async def build_log(self, spec):
        entries = await logstream.read(self.client, logstream.build_log(spec.build_id))
        return [logstream.plain(entry) for entry in entries]
