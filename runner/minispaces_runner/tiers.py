"""How deep an app may sleep: by its rule, and earlier where the machine runs short of memory. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from minispaces_contract.messages import SleepRule

LEAST_IDLE = 1.0
"""Whose last request ended a moment ago will soon have another one, whatever its rule says."""
_LEAST_IDLE_WHEN_SHORT = 30.0


class Tier(IntEnum):
    """Each keeps less on the machine than the one before, and takes longer to answer again."""

    RUNNING = 0
    FROZEN = 1
    PAGED_OUT = 2
    """Frozen, and its memory in swap."""
    STOPPED = 3


@dataclass(frozen=True, slots=True)
class Resident:
    """An app that holds memory now. `idle` is None while it is in use, or nobody can tell."""

    deployment_id: str
    idle: float | None
    tier: Tier
    rule: SleepRule
    by_hand: bool = False
    """Somebody sent it to sleep, and it was not used since."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What this machine can do for sleepers, and whether it needs them to."""

    can_freeze: bool = False
    has_swap: bool = False
    is_short: bool = False
    page_out_after: float = 300
    """Seconds that a frozen app keeps its memory."""
    warm_slots: int = 0
    """How many apps whose time is over stay frozen, the last that were used, while nobody needs their room."""


def is_warm(rule: SleepRule, *, now: float, ahead: float = 0) -> bool:
    """A time that has begun when somebody sends the app to sleep is over for it."""
    return any(begin - ahead <= now < end for begin, end in rule.warm if begin > (rule.asleep_since or 0))


def tiers_of(residents: Iterable[Resident], machine: Machine, *, now: float) -> dict[str, Tier]:
    """Where each belongs. One app a time gives way to a shortage: what it frees shows only a moment later."""
    cold = [each for each in residents if not is_warm(each.rule, now=now)]
    idle = [each for each in cold if each.idle is not None]
    tiers = {each.deployment_id: _by_time(each.idle or 0, each.rule, machine) for each in idle}
    tiers |= _in_slots([each for each in idle if tiers[each.deployment_id] is Tier.STOPPED], machine)
    if machine.is_short:
        tiers |= _giving_way(idle, machine)
    return tiers | {each.deployment_id: Tier.STOPPED for each in cold if each.by_hand}


def _by_time(idle: float, rule: SleepRule, machine: Machine) -> Tier:
    if rule.stop_after is not None and idle >= max(rule.stop_after, LEAST_IDLE):
        return Tier.STOPPED
    if not machine.can_freeze or rule.freeze_after is None or idle < max(rule.freeze_after, LEAST_IDLE):
        return Tier.RUNNING
    deep = machine.has_swap and idle >= rule.freeze_after + machine.page_out_after
    return Tier.PAGED_OUT if deep else Tier.FROZEN


def _in_slots(over: list[Resident], machine: Machine) -> dict[str, Tier]:
    """An app that stops so soon that it is never frozen does so all the same."""
    may_stay = [each for each in over if machine.can_freeze and each.rule.freeze_after is not None]
    may_stay.sort(key=lambda each: each.idle or 0)
    tier = Tier.PAGED_OUT if machine.has_swap else Tier.FROZEN
    return {each.deployment_id: tier for each in may_stay[: machine.warm_slots]}


def _giving_way(residents: Iterable[Resident], machine: Machine) -> dict[str, Tier]:
    """The least recently used that has something to give, and whose rule lets it."""
    by_idleness = sorted(residents, key=lambda each: each.idle or 0, reverse=True)
    for each in by_idleness:
        lower = _lower(each, machine)
        if (each.idle or 0) >= _LEAST_IDLE_WHEN_SHORT and lower is not None:
            return {each.deployment_id: lower}
    return {}


def _lower(resident: Resident, machine: Machine) -> Tier | None:
    may_freeze = machine.can_freeze and machine.has_swap and resident.rule.freeze_after is not None
    if may_freeze and resident.tier < Tier.PAGED_OUT:
        return Tier.PAGED_OUT
    return Tier.STOPPED if resident.rule.stop_after is not None else None
