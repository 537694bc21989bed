"""Who holds which GPU now, and who waits: the policy's queue, and what happens around it."""

import asyncio
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from minispaces_contract.usage import SpaceGpu
from minispaces_runner.gpu.leases import Ask, Lease, Place, Queue, grant, is_overdue, join, leave, places
from minispaces_runner.waiting import wait_for

_LOOK_AGAIN = 2.0
"""Seconds between two looks at one's place: what is expected of holders changes with time alone."""
_NEW_WEIGHT = 0.3
_GUESS = 10.0


class GpuRefusedError(Exception):
    """In words, for whoever uses the app."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`most` is how long the call says that it needs at most."""

    space_id: str
    owner: str
    among: frozenset[str]
    most: float
    gpus: int = 1
    preferred: bool = False


class Book:
    """Lost with the runner, as the connections are by which apps hold their leases."""

    def __init__(self, gpus: Sequence[str], *, clock: Callable[[], float] = time.time) -> None:
        self.epoch = uuid.uuid4().hex
        self._clock = clock
        self._queue = Queue(tuple(gpus))
        self.change = asyncio.Event()
        """Set at the next change, and another one afterwards."""
        self._lengths: dict[str, float] = {}
        self._used: defaultdict[str, float] = defaultdict(float)

    @asynccontextmanager
    async def lease(self, wanted: Wanted, tell: Callable[[Place], Awaitable[None]]) -> AsyncIterator[Lease]:
        """Waits for its turn; `tell` is told of each new place in the queue. Raises GpuRefusedError."""
        ask = self.ask(wanted)
        try:
            yield await self._granted(ask, tell)
        finally:
            self.leave(ask)

    def ask(self, wanted: Wanted) -> str:
        """A place in the queue, to be left in the end, for whoever looks themselves. Raises GpuRefusedError."""
        ask = self._ask(wanted)
        try:
            self._queue = join(self._queue, ask)
        except ValueError:
            raise GpuRefusedError("This machine has no such GPU; its Space can choose other hardware.") from None
        self._notify()
        return ask.id

    def settle(self) -> None:
        """Grant whatever can be granted now."""
        self._queue, leases = grant(self._queue, now=self._clock())
        if leases:
            self._notify()

    def lease_of(self, ask_id: str) -> Lease | None:
        return next((lease for lease in self._queue.held if lease.ask.id == ask_id), None)

    @property
    def queue(self) -> Queue:
        return self._queue

    def look(self) -> tuple[Queue, Mapping[str, Place]]:
        """The queue, and where those stand who wait."""
        return self._queue, places(self._queue, now=self._clock())

    async def late(self, lease: Lease) -> None:
        """Returns when the lease has to be given back: its time is over, and somebody waits."""
        while True:
            change = self.change
            if is_overdue(self._queue, lease, now=self._clock()):
                return
            left = lease.since + lease.ask.most - self._clock()
            await wait_for(change, left if left > 0 else _LOOK_AGAIN)

    def report(self) -> tuple[SpaceGpu, ...]:
        """Of each Space that has had a lease since we began, or waits for its first."""
        now, queue = self._clock(), self._queue
        standing = places(queue, now=now)
        first: dict[str, Place] = {}
        for ask in sorted(queue.waiting, key=lambda ask: standing[ask.id].position):
            first.setdefault(ask.space_id, standing[ask.id])
        waiting = Counter(ask.space_id for ask in queue.waiting)
        holding = Counter(lease.ask.space_id for lease in queue.held)
        used = dict(self._used)
        for lease in queue.held:
            space_id, length = lease.ask.space_id, (now - lease.since) * len(lease.gpus)
            used[space_id] = used.get(space_id, 0.0) + length
        return tuple(
            SpaceGpu(
                space_id=space_id, seconds=used.get(space_id, 0.0),
                holding=holding[space_id], waiting=waiting[space_id],
                position=first[space_id].position if space_id in first else None,
                wait_seconds=first[space_id].seconds if space_id in first else None,
            )
            for space_id in sorted(used.keys() | waiting.keys())
        )  # fmt: skip

    def _ask(self, wanted: Wanted) -> Ask:
        usual = self._lengths.get(wanted.space_id, _GUESS)
        return Ask(
            uuid.uuid4().hex, wanted.space_id, wanted.owner, wanted.among, self._clock(), gpus=wanted.gpus,
            expected=min(usual, wanted.most), most=wanted.most, preferred=wanted.preferred,
        )  # fmt: skip

    async def _granted(self, ask_id: str, tell: Callable[[Place], Awaitable[None]]) -> Lease:
        told = 0
        while True:
            change = self.change
            self.settle()
            if own := self.lease_of(ask_id):
                return own
            place = places(self._queue, now=self._clock())[ask_id]
            if place.position != told:
                told = place.position
                await tell(place)
            await wait_for(change, _LOOK_AGAIN)

    def leave(self, ask_id: str) -> None:
        """Give a lease back, or wait no longer."""
        now = self._clock()
        if own := self.lease_of(ask_id):
            space_id, length = own.ask.space_id, now - own.since
            before = self._lengths.get(space_id, length)
            self._lengths[space_id] = before + (length - before) * _NEW_WEIGHT
            self._used[space_id] += length * len(own.gpus)
        self._queue = leave(self._queue, ask_id, now=now)
        self._notify()

    def _notify(self) -> None:
        self.change.set()
        self.change = asyncio.Event()
