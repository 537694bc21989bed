"""Who gets a GPU next. Pure: the whole policy of leases, and no effect.

Owners take turns by what they have used, not by how often they ask (start-time fair queueing): of two that always want
a GPU each gets half of the time, and one who comes seldom is served soon. An owner who waits and got nothing for
`PATIENCE` goes before everything but what is preferred, so nothing waits for ever.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

PATIENCE = 10 * 60.0
_LIKELY_LEFT = 0.5
"""Of the time that is left to a lease which has outlasted what was expected of it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """`among` are the GPUs that would do. `expected` is how long such a lease usually lasts, `most` how long it may."""

    id: str
    space_id: str
    owner: str
    among: frozenset[str]
    asked_at: float
    gpus: int = 1
    expected: float = 10.0
    most: float = math.inf
    preferred: bool = False
    joined: float = 0.0
    """The queue's clock when this ask came."""

    @property
    def cost(self) -> float:
        return self.expected * self.gpus


@dataclass(frozen=True, slots=True)
class Lease:
    ask: Ask
    gpus: tuple[str, ...]
    since: float

    def ends(self, now: float) -> float:
        """When it will likely be given back."""
        likely = self.since + self.ask.expected
        if likely > now:
            return likely
        last = min(self.since + self.ask.most, now + 2 * self.ask.expected)
        return now + max(0.0, last - now) * _LIKELY_LEFT


@dataclass(frozen=True, slots=True)
class Place:
    """In the queue: the first is 1. `seconds` is how long it will likely be."""

    position: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Queue:
    """`clock` is how far fair sharing has come, in GPU seconds; `spent` is up to where each owner has used theirs."""

    gpus: tuple[str, ...]
    held: tuple[Lease, ...] = ()
    waiting: tuple[Ask, ...] = ()
    clock: float = 0.0
    spent: Mapping[str, float] = field(default_factory=dict)
    served: Mapping[str, float] = field(default_factory=dict)
    """When each owner was last granted anything."""

    @property
    def free(self) -> frozenset[str]:
        return frozenset(self.gpus).difference(*(lease.gpus for lease in self.held))


def join(queue: Queue, ask: Ask) -> Queue:
    """An ask that no set of these GPUs could ever meet is a ValueError."""
    if len(ask.among.intersection(queue.gpus)) < ask.gpus:
        raise ValueError(ask.id)
    return replace(queue, waiting=(*queue.waiting, replace(ask, joined=queue.clock)))


def leave(queue: Queue, ask_id: str, *, now: float) -> Queue:
    """Give a lease back, or wait no longer; what is not there changes nothing. Its owner pays for the real time."""
    left = next((lease for lease in queue.held if lease.ask.id == ask_id), None)
    queue = replace(queue, waiting=tuple(ask for ask in queue.waiting if ask.id != ask_id))
    if left is None:
        return queue
    owner, more = left.ask.owner, (now - left.since) * left.ask.gpus - left.ask.cost
    spent = {**queue.spent, owner: queue.spent.get(owner, 0.0) + more}
    return replace(queue, held=tuple(lease for lease in queue.held if lease is not left), spent=spent)


def grant(queue: Queue, *, now: float) -> tuple[Queue, tuple[Lease, ...]]:
    """All that can be granted now, in fair order. Whoever is first and needs several GPUs keeps the free ones."""
    free, granted = set(queue.free), list[Lease]()
    if not free:
        return queue, ()
    clock, spent, served = queue.clock, dict(queue.spent), dict(queue.served)
    for ask, start in _in_order(queue, now):
        fitting = sorted(free & ask.among, key=queue.gpus.index)
        free.difference_update(fitting[: ask.gpus])
        if len(fitting) < ask.gpus:
            if not free:
                break
            continue
        granted.append(Lease(ask, tuple(fitting[: ask.gpus]), now))
        clock, spent[ask.owner], served[ask.owner] = max(clock, start), start + ask.cost, now
    gone = {lease.ask.id for lease in granted}
    waiting = tuple(ask for ask in queue.waiting if ask.id not in gone)
    held = (*queue.held, *granted)
    return replace(queue, held=held, waiting=waiting, clock=clock, spent=spent, served=served), tuple(granted)


def places(queue: Queue, *, now: float) -> dict[str, Place]:
    """Where each ask stands, by playing the queue forward."""
    free_at = dict.fromkeys(queue.gpus, now) | {gpu: lease.ends(now) for lease in queue.held for gpu in lease.gpus}
    found: dict[str, Place] = {}
    for position, (ask, _) in zip(count(1), _in_order(queue, now)):
        taken = sorted(ask.among & free_at.keys(), key=free_at.__getitem__)[: ask.gpus]
        start = max(free_at[gpu] for gpu in taken)
        free_at.update(dict.fromkeys(taken, start + ask.expected))
        found[ask.id] = Place(position, start - now)
    return found


def is_overdue(queue: Queue, lease: Lease, *, now: float) -> bool:
    """Whether it has lasted longer than it may, and somebody waits for one of its GPUs."""
    awaited = any(ask.among.intersection(lease.gpus) for ask in queue.waiting)
    return awaited and now - lease.since > lease.ask.most


def _in_order(queue: Queue, now: float) -> Iterator[tuple[Ask, float]]:
    """Those who wait, first first, with where on the clock each one's turn begins."""
    by_owner: dict[str, list[Ask]] = {}
    for ask in sorted(queue.waiting, key=lambda ask: (not ask.preferred, ask.asked_at, ask.id)):
        by_owner.setdefault(ask.owner, []).append(ask)
    spent, served = dict(queue.spent), dict(queue.served)

    def start(ask: Ask) -> float:
        return max(ask.joined, spent.get(ask.owner, 0.0))

    def turn(ask: Ask) -> tuple[bool, float, float, str]:
        patient = now - max(ask.asked_at, served.get(ask.owner, 0.0)) <= PATIENCE
        return (not ask.preferred, start(ask) if patient else -math.inf, ask.asked_at, ask.id)

    while by_owner:
        first = min((asks[0] for asks in by_owner.values()), key=turn)
        began = start(first)
        spent[first.owner], served[first.owner] = began + first.cost, now
        yield first, began
        by_owner[first.owner].pop(0)
        if not by_owner[first.owner]:
            del by_owner[first.owner]
