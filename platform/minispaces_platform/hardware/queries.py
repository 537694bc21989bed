"""Reading flavours: which there are, who may have which, and how many Spaces have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_contract.messages import Hardware
from minispaces_platform.models.hardware import Flavour, HardwareRule
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.spaces import Space


@dataclass(frozen=True, slots=True)
class FlavourNow:
    flavour: Flavour
    spaces: int


@dataclass(frozen=True, slots=True)
class RuleNow:
    name: str
    default: str | None
    allowed: tuple[str, ...] | None


def list_flavours(session: Session) -> Sequence[Flavour]:
    """All, smallest first; those with GPUs last."""

    def size(flavour: Flavour) -> tuple[int, int, float, str]:
        it = flavour.hardware
        return it.gpus, it.memory_mb, it.cpus, flavour.name

    return sorted(session.scalars(select(Flavour)), key=size)


@dataclass(frozen=True, slots=True)
class Offer:
    """The flavours that are not retired, smallest first, and the rules of those who were asked for."""

    flavours: Sequence[Flavour]
    rules: Mapping[str, HardwareRule]

    def choices(self, *owners: Namespace) -> list[Flavour]:
        """What at least one of `owners` may choose."""
        return [each for each in self.flavours if any(admits(self.rules.get(it.id), each) for it in owners)]

    def default(self, owner: Namespace) -> Hardware:
        """What a new Space of `owner` begins with: their own default, or else the smallest that they may have."""
        rule, allowed = self.rules.get(owner.id), self.choices(owner)
        wanted = (rule.default if rule else None) or Hardware().name
        chosen = next((each for each in allowed if each.name == wanted), allowed[0] if allowed else None)
        return chosen.hardware if chosen else Hardware()


def read_offer(session: Session, *owners: Namespace) -> Offer:
    """Two statements."""
    rules = session.scalars(select(HardwareRule).where(HardwareRule.namespace_id.in_([each.id for each in owners])))
    offered = [each for each in list_flavours(session) if each.retired_at is None]
    return Offer(offered, {rule.namespace_id: rule for rule in rules})


def admits(rule: HardwareRule | None, flavour: Flavour) -> bool:
    """Whether a rule, or its absence, lets somebody choose a flavour that is offered."""
    if rule is None or rule.allowed is None:
        return flavour.is_open
    return flavour.name in rule.allowed.names


def count_uses(session: Session) -> tuple[FlavourNow, ...]:
    """Every flavour with how many Spaces have it."""
    uses = dict(session.execute(select(Space.hardware_name, func.count()).group_by(Space.hardware_name)).all())
    return tuple(FlavourNow(each, uses.get(each.name, 0)) for each in list_flavours(session))


def list_rules(session: Session) -> tuple[RuleNow, ...]:
    rows = session.execute(
        select(Namespace.name, HardwareRule)
        .join(HardwareRule, HardwareRule.namespace_id == Namespace.id)
        .order_by(func.lower(Namespace.name))
    )
    return tuple(
        RuleNow(name, rule.default, rule.allowed.names if rule.allowed is not None else None) for name, rule in rows
    )
