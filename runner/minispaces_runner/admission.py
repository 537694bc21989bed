"""Whether a start fits on this machine, and what has to make room for it. Pure.

What an app may use by its hardware counts, whatever it uses now. A Space counts once: its new version starts beside
the old one. Who is first in the queue and does not fit keeps those behind it waiting, or a large app would never start.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from minispaces_contract.messages import DeploymentSpec, Hardware

_GIB = 1024
_NOTHING: Mapping[str, "Amount"] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Amount:
    memory_mb: float = 0.0
    cpus: float = 0.0
    gpus: float = 0.0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.memory_mb + other.memory_mb, self.cpus + other.cpus, self.gpus + other.gpus)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.memory_mb - other.memory_mb, self.cpus - other.cpus, self.gpus - other.gpus)

    def lacks(self, room: "Amount") -> "Amount":
        """What of this there is no room for; nothing of what is not asked for, however full the machine is."""
        pairs = zip(_each(self), _each(room), strict=True)
        return Amount(*(max(0.0, wanted - free) if wanted else 0.0 for wanted, free in pairs))

    def __bool__(self) -> bool:
        return self != Amount()


@dataclass(frozen=True, slots=True)
class Capacity:
    """What may be given to apps in all, and how much of its hardware a frozen, or paged out, app still counts with.

    A frozen app keeps its GPUs whole.
    """

    whole: Amount
    frozen_share: float = 0.25
    paged_out_share: float = 0.05


@dataclass(frozen=True, slots=True)
class Held:
    """An app that is on the machine. `rests` is since when it could make room, None while it is in use."""

    deployment_id: str
    space_id: str
    hardware: Hardware
    share: float = 1.0
    rests: float | None = None

    @property
    def amount(self) -> Amount:
        return amount_of(self.hardware, share=self.share)


@dataclass(frozen=True, slots=True)
class Admission:
    """`waiting` has the words for each that waits. `making_room` are deployments that have to go first."""

    admitted: tuple[DeploymentSpec, ...]
    waiting: Mapping[str, str]
    making_room: tuple[str, ...]


def capacity_of(memory_mb: float, processors: int, gpus: int | None, *, factors: tuple[float, float]) -> Amount:
    """`factors` are for memory and processors. GPUs are never given twice; None is nobody counts them."""
    memory, cpus = factors
    return Amount(memory_mb * memory, processors * cpus, float("inf") if gpus is None else gpus)


def amount_of(hardware: Hardware, *, share: float = 1.0) -> Amount:
    gpus = 0 if hardware.gpu_shared else hardware.gpus
    return Amount(hardware.memory_mb * share, hardware.cpus * share, gpus)


def admit(
    starts: Sequence[DeploymentSpec],
    held: Sequence[Held],
    capacity: Capacity,
    *,
    reserved: Mapping[str, Amount] = _NOTHING,
) -> Admission:
    """`starts` in the order of their urgency. `reserved`: by Space, what is kept for those that shall be up soon."""
    counted = {each.space_id: each.amount for each in held}
    kept = {space_id: amount.lacks(counted.get(space_id, Amount())) for space_id, amount in reserved.items()}
    room = capacity.whole - _taken(held)
    resting = sorted((each for each in held if each.rests is not None), key=lambda each: each.rests or 0)
    admitted, waiting, going, queued = list[DeploymentSpec](), dict[str, str](), list[str](), 0
    for spec in starts:
        need = amount_of(spec.hardware).lacks(counted.get(spec.space_id, Amount()))
        for_others = sum((amount for space_id, amount in kept.items() if space_id != spec.space_id), Amount())
        lacking = need.lacks(room - for_others)
        if too_much := need.lacks(capacity.whole):
            waiting[spec.id] = _never(spec.hardware, too_much, capacity.whole)
        elif lacking or (queued and spec.space_id not in kept):
            waiting[spec.id] = _words(lacking or need, before=queued, reserved=bool(need) and not need.lacks(room))
            queued += 1
            going += _making_room(lacking, resting, besides=spec.space_id) if queued == 1 else ()
        else:
            admitted.append(spec)
            counted[spec.space_id] = amount_of(spec.hardware)
            kept.pop(spec.space_id, None)
            room -= need
    return Admission(tuple(admitted), waiting, tuple(going))


def _taken(held: Iterable[Held]) -> Amount:
    """Of a Space's several instances the largest counts."""
    by_space: dict[str, list[Amount]] = {}
    for each in held:
        by_space.setdefault(each.space_id, []).append(each.amount)
    return sum((_largest(amounts) for amounts in by_space.values()), Amount())


def _largest(amounts: Sequence[Amount]) -> Amount:
    return Amount(
        max(each.memory_mb for each in amounts), max(each.cpus for each in amounts), max(each.gpus for each in amounts)
    )


def _making_room(lacking: Amount, resting: Iterable[Held], *, besides: str) -> Iterator[str]:
    """The least recently used first, and only those that have something of what is lacking."""
    for each in resting:
        if not lacking:
            return
        helps = lacking - lacking.lacks(each.amount)
        if helps and each.space_id != besides:
            lacking = lacking.lacks(each.amount)
            yield each.deployment_id


def _words(lacking: Amount, *, before: int, reserved: bool) -> str:
    behind = f"; {before} before it" if before else ""
    behind = "; what is free is kept for an app that shall be up soon" if reserved and not before else behind
    return f"Waits for {_spelled(lacking)}{behind}."


def _never(hardware: Hardware, too_much: Amount, whole: Amount) -> str:
    has = Amount(*(have if lack else 0 for have, lack in zip(_each(whole), _each(too_much), strict=True)))
    return f"{hardware.name} needs more than this machine gives to apps in all: {_spelled(has)}. Choose other hardware."


def _each(amount: Amount) -> tuple[float, float, float]:
    return amount.memory_mb, amount.cpus, amount.gpus


def _spelled(amount: Amount) -> str:
    memory = f"{amount.memory_mb / _GIB:.3g} GB" if amount.memory_mb >= _GIB else f"{amount.memory_mb:.0f} MB"
    parts = [f"{memory} of memory"] if amount.memory_mb else []
    parts += [f"{amount.cpus:g} CPU{'' if amount.cpus == 1 else 's'}"] if amount.cpus else []
    parts += [f"{amount.gpus:g} GPU{'' if amount.gpus == 1 else 's'}"] if amount.gpus else []
    return " and ".join(parts) or "nothing"
