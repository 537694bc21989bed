"""Many Spaces at a glance, for lists: what a card shows and nothing else, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from minispaces_contract.states import Stage
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.stages import SpaceStage


@dataclass(frozen=True, slots=True)
class BriefOwner:
    name: str


@dataclass(frozen=True, slots=True)
class BriefSpace:
    """Of a Space what a card shows, called as there."""

    owner: BriefOwner
    id: str
    name: str
    card: SpaceCard
    visibility: Visibility
    taken_down_at: datetime | None
    updated_at: datetime
    likes: int
    thumbnail: int | None

    @property
    def full_name(self) -> str:
        return f"{self.owner.name}/{self.name}"


@dataclass(frozen=True, slots=True)
class SpaceBrief:
    """A Space and the word for its state: what a card needs."""

    space: BriefSpace
    stage: Stage


# Made once: putting it together takes longer than answering it.
_BRIEFS = (
    select(
        Namespace.name, SpaceStage.stage,
        Space.id, Space.name, Space.card, Space.visibility, Space.taken_down_at, Space.updated_at, Space.likes,
        Space.thumbnail,
    )
    .join(Namespace, Namespace.id == Space.owner_id)
    .join(SpaceStage, SpaceStage.space_id == Space.id)
    .where(Space.id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip


def briefs(session: Session, ids: Sequence[str]) -> list[SpaceBrief]:
    """In the order of `ids`. One statement."""
    if not ids:
        return []
    found = {brief.space.id: brief for brief in map(_brief, session.execute(_BRIEFS, {"ids": ids}))}
    return [found[it] for it in ids if it in found]


def _brief(row: Any) -> SpaceBrief:
    owner, stage, *shown = row
    return SpaceBrief(BriefSpace(BriefOwner(owner), *shown), stage)
