"""Turns at a shared GPU for apps that do not ask for it themselves: by the request. Pure.

Such an app has its turn while it works. Afterwards it stays awake until somebody else wants the GPU, and holds still
from then on until its next turn: of those that share a GPU one at most is awake.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from minispaces_runner.activity import Use
from minispaces_runner.gpu.leases import Lease, Place, Queue

_QUIET = 1.0
"""Whose last request ended a moment ago will soon have another one."""
_STILL = 5.0
"""A WebSocket on which nothing moved for so long does no work."""
_PINGS = 64
"""Bytes that move between two looks on a connection where nothing happens."""
_ARRIVAL = 4.0
"""Seconds for whoever waited to come when the turn does."""


class Standing(Enum):
    FREE = "free"
    """It was the last to have a turn, and nobody wants its GPUs."""
    HOLDS = "holds"
    WAITS = "waits"
    PARKED = "parked"
    """It does no work, and another one is awake, or wants its GPUs."""
    SPENT = "spent"
    """Its owner has used the GPU minutes of the month."""


@dataclass(frozen=True, slots=True)
class Turn:
    standing: Standing
    words: str = ""
    """For whoever waits for the app."""

    @property
    def may_be_awake(self) -> bool:
        return self.standing in {Standing.FREE, Standing.HOLDS}


@dataclass(frozen=True, slots=True)
class Seated:
    """An app on a shared GPU that takes turns by the request. `ask` is the one that it has in the queue."""

    deployment_id: str
    owner: str
    gpus: frozenset[str]
    awake: bool
    used_at: float = 0.0
    ask: str = ""
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Movement:
    """How many bytes had gone over an app's lasting connections, and when that last became more."""

    bytes: int = 0
    at: float = float("-inf")

    def seen(self, use: Use, *, now: float) -> "Movement":
        return Movement(use.moved, now if use.moved - self.bytes > _PINGS else self.at)


def works(use: Use, movement: Movement, *, now: float) -> bool:
    """Requests that are being answered, and lasting connections while something moves on them."""
    lasting = use.lasting > 0 and now - movement.at < _STILL
    return use.works or use.idle < _QUIET or lasting


def has_come(use: Use, lease: Lease | None, *, now: float) -> bool:
    """Whether the visitor for whom it has its turn has been there, or will not come any more."""
    if lease is None:
        return True
    held = now - lease.since
    return held > _ARRIVAL or use.connections > 0 or use.idle < held


def turns_of(seated: Collection[Seated], queue: Queue, standing: Mapping[str, Place]) -> dict[str, Turn]:
    """By deployment. One that has its turn begins when its rivals hold still."""
    leases = {lease.ask.id: lease for lease in queue.held}
    return {each.deployment_id: _turn_of(each, seated, queue, leases, standing) for each in seated}


def _turn_of(
    each: Seated,
    seated: Collection[Seated],
    queue: Queue,
    leases: Mapping[str, Lease],
    standing: Mapping[str, Place],
) -> Turn:
    if each.ask in leases:
        rivals = [it for it in seated if it is not each and it.awake and it.gpus & each.gpus and it.ask not in leases]
        return Turn(Standing.WAITS if rivals and not each.awake else Standing.HOLDS)
    if place := standing.get(each.ask):
        return Turn(Standing.WAITS, words_for(place))
    if each.spent:
        return Turn(Standing.SPENT, words_for_spent(each.owner))
    return Turn(Standing.PARKED if _is_wanted(each.gpus, queue) or _is_passed(each, seated) else Standing.FREE)


def _is_wanted(gpus: frozenset[str], queue: Queue) -> bool:
    held = any(gpus.intersection(lease.gpus) for lease in queue.held)
    return held or any(gpus & ask.among for ask in queue.waiting)


def _is_passed(each: Seated, seated: Collection[Seated]) -> bool:
    """Of several that are awake the last that was used stays so."""
    mine = (each.awake, each.used_at, each.deployment_id)
    return any((it.awake, it.used_at, it.deployment_id) > mine and it.awake for it in seated if it.gpus & each.gpus)


def words_for(place: Place) -> str:
    return f"Waits for its turn at the GPU: number {place.position} in the queue, about {_time(place.seconds)}."


def words_for_spent(owner: str) -> str:
    return (
        f"The GPU minutes of {owner} for this month are used. They begin anew with the next month; an administrator "
        "of this installation may allow more."
    )


def _time(seconds: float) -> str:
    """In steps, so that words do not change all the time."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{max(5, round(seconds / 5) * 5)} s"
    return f"{round(seconds / 60)} min"
