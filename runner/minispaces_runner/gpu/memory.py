"""Whose memory has to go from a GPU before another app works there. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

_MARGIN = 1.1


@dataclass(frozen=True, slots=True)
class Resident:
    """A Space whose app keeps memory on a GPU. `last_used` is when it last held a lease for it."""

    space_id: str
    bytes: int
    last_used: float
    works: bool = False


def to_evict(residents: Iterable[Resident], *, free: int, need: int | None) -> tuple[str, ...]:
    """Spaces that must let go of their memory, least recently used first.

    `need` is the most that the next one was ever seen to use; None is unknown, and then everybody who does not work
    goes. What works is left alone.
    """
    idle = sorted((each for each in residents if not each.works), key=lambda each: each.last_used)
    gone = list[str]()
    for each in idle:
        if need is not None and free >= need * _MARGIN:
            break
        gone.append(each.space_id)
        free += each.bytes
    return tuple(gone)
