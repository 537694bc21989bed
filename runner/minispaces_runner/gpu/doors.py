"""A door for every app with a shared GPU, for as long as it should run."""

import asyncio
import time

from minispaces_contract.messages import DeploymentSpec, DesiredWorld
from minispaces_contract.states import DesiredState
from minispaces_runner.engine import Engine
from minispaces_runner.gpu.book import Book, Wanted
from minispaces_runner.gpu.door import Door, Terms
from minispaces_runner.gpu.seats import Seats
from minispaces_runner.ledger import Ledger
from minispaces_runner.tiers import is_warm
from minispaces_runner.waiting import wait_for

_LOOK_AGAIN = 5.0


class Doors:
    """An app that does not give back what was taken from it is started anew."""

    def __init__(self, book: Book, engine: Engine, ledger: Ledger, *, longest: float) -> None:
        self._book = book
        self._engine = engine
        self._seats = engine.seats
        self._ledger = ledger
        self._longest = longest
        self._open: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                change = self._ledger.change
                self._open_and_close(group)
                await wait_for(change, _LOOK_AGAIN)

    def _open_and_close(self, group: asyncio.TaskGroup) -> None:
        wanted = {spec.id for spec in sharing(self._ledger.world)}
        for gone in self._open.keys() - wanted:
            self._open.pop(gone).cancel()
        for each in wanted - self._open.keys():
            self._open[each] = group.create_task(self._door(each).serve())

    def _door(self, deployment_id: str) -> Door:
        return Door(
            self._book,
            self._seats.door_of(deployment_id),
            lambda: self._terms(deployment_id),
            stop=lambda: self._engine.stop(deployment_id),
        )

    def _terms(self, deployment_id: str) -> Terms | None:
        """As of now: what is left of an owner's minutes changes while an app runs."""
        spec = next((spec for spec in sharing(self._ledger.world) if spec.id == deployment_id), None)
        if spec is None:
            return None
        self._seats.note_that_it_asks(deployment_id)
        return Terms(wanted_by(spec, self._seats, longest=self._longest, now=time.time()), spec.gpu_seconds_left)


def wanted_by(spec: DeploymentSpec, seats: Seats, *, longest: float, now: float) -> Wanted:
    """An app goes first in the times for which it was asked to be warm."""
    owner, among = spec.space.partition("/")[0], frozenset(seats.of(spec.id))
    first = is_warm(spec.sleep, now=now)
    return Wanted(spec.space_id, owner, among, longest, gpus=spec.hardware.gpus, preferred=first)


def sharing(world: DesiredWorld | None) -> list[DeploymentSpec]:
    specs = world.deployments if world else ()
    return [spec for spec in specs if spec.hardware.gpu_shared and spec.desired is DesiredState.RUNNING]
