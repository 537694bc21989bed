"""Takes turns at shared GPUs for apps that do not do so themselves, as each look at the machine shows them at work."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from minispaces_contract.messages import DeploymentSpec, DesiredWorld
from minispaces_runner.activity import Activity, Use
from minispaces_runner.engine import Instance
from minispaces_runner.gpu.book import Book
from minispaces_runner.gpu.doors import sharing, wanted_by
from minispaces_runner.gpu.leases import is_overdue
from minispaces_runner.gpu.seats import Seats
from minispaces_runner.gpu.turns import Movement, Seated, Turn, has_come, turns_of, works
from minispaces_runner.progress import Progress
from minispaces_runner.waiting import wait_for

LOOK_AGAIN = 0.5
_UNUSED = Use(idle=float("inf"))


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look shows. `wanted` are the hosts that somebody waits for."""

    world: DesiredWorld
    instances: Sequence[Instance]
    activity: Activity | None
    progress: Mapping[str, Progress]
    wanted: frozenset[str]

    def use(self, deployment_id: str) -> Use:
        """Who was never seen does not work; nor does anybody while the proxy is away."""
        return (self.activity.uses if self.activity else {}).get(deployment_id, _UNUSED)

    def of(self, deployment_id: str) -> Progress:
        return self.progress.get(deployment_id, Progress())


class TurnTaker:
    def __init__(self, book: Book, seats: Seats, *, longest: float, clock: Callable[[], float] = time.time) -> None:
        self._book = book
        self._seats = seats
        self._longest = longest
        self._clock = clock
        self._asks: dict[str, str] = {}
        self._movements: dict[str, Movement] = {}
        self.is_busy = False
        """Whether some app may begin to work, or end, without anybody hearing of it."""

    def look(self, seen: Sight) -> Mapping[str, Turn]:
        """By deployment, of those that take turns by the request and are on the machine."""
        now = self._clock()
        there = {each.deployment_id: each for each in seen.instances if each.exit is None}
        specs = {spec.id: spec for spec in self._by_request(seen) if spec.id in there}
        self._note_movements(seen, there, now=now)
        for deployment_id in [each for each in self._asks if not self._goes_on(each, seen, there, specs, now=now)]:
            self._book.leave(self._asks.pop(deployment_id))
        for spec in sorted(specs.values(), key=lambda spec: there[spec.id].frozen):  # who works already comes first
            if spec.id not in self._asks and self._wants(spec, seen, there[spec.id], now=now) and not _is_spent(spec):
                self._asks[spec.id] = self._book.ask(wanted_by(spec, self._seats, longest=self._longest, now=now))
        self._book.settle()
        self.is_busy = bool(self._asks) or any(not there[each].frozen for each in specs)
        seated = [self._seated(spec, there[spec.id], used_at=now - seen.use(spec.id).idle) for spec in specs.values()]
        return turns_of(seated, *self._book.look())

    async def follow(self, cue: Callable[[], None]) -> None:
        """For ever: calls of other apps take and give back GPUs."""
        while True:
            await wait_for(self._book.change, 60)
            cue()

    def _by_request(self, seen: Sight) -> Iterator[DeploymentSpec]:
        for spec in sharing(seen.world):
            if seen.of(spec.id).ready and self._seats.of(spec.id) and not self._seats.asks_itself(spec.id):
                yield spec

    def _note_movements(self, seen: Sight, there: Mapping[str, Instance], *, now: float) -> None:
        before = self._movements
        self._movements = {
            name: before.get(name, Movement(use.moved)).seen(use, now=now)
            for name in there
            if (use := seen.use(name)).lasting
        }

    def _goes_on(
        self,
        deployment_id: str,
        seen: Sight,
        there: Mapping[str, Instance],
        specs: Mapping[str, DeploymentSpec],
        *,
        now: float,
    ) -> bool:
        """Whether it keeps its turn, or its place. One that was replaced finishes its work."""
        lease = self._book.lease_of(self._asks[deployment_id])
        if deployment_id not in there or self._seats.asks_itself(deployment_id):
            return False
        if lease and not seen.of(deployment_id).unfreezable and is_overdue(self._book.queue, lease, now=now):
            return False
        use, spec = seen.use(deployment_id), specs.get(deployment_id)
        if spec and (self._wants(spec, seen, there[spec.id], now=now) or not has_come(use, lease, now=now)):
            return True
        return works(use, self._movements.get(deployment_id, Movement()), now=now)

    def _wants(self, spec: DeploymentSpec, seen: Sight, instance: Instance, *, now: float) -> bool:
        """Also for somebody who woke it by hand."""
        woken = instance.frozen and (spec.sleep.awake_since or 0) > seen.of(spec.id).slept_at
        movement = self._movements.get(spec.id, Movement())
        return woken or spec.host in seen.wanted or works(seen.use(spec.id), movement, now=now)

    def _seated(self, spec: DeploymentSpec, instance: Instance, *, used_at: float) -> Seated:
        gpus, owner = frozenset(self._seats.of(spec.id)), spec.space.partition("/")[0]
        ask = self._asks.get(spec.id, "")
        return Seated(spec.id, owner, gpus, awake=not instance.frozen, used_at=used_at, ask=ask, spent=_is_spent(spec))


def _is_spent(spec: DeploymentSpec) -> bool:
    return spec.gpu_seconds_left is not None and spec.gpu_seconds_left <= 0
