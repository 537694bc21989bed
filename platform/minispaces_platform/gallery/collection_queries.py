"""Reading collections. Somebody sees a collection who may read one of its Spaces, and so many of them as they may."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from minispaces_platform.access import Actor, readable
from minispaces_platform.models.collections import Collection, CollectionItem
from minispaces_platform.models.spaces import Space
from minispaces_platform.spaces.briefs import SpaceBrief, briefs

FEATURED_SHOWN = 4
FACES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class CollectionBrief:
    """A collection, its first Spaces, and how many there are; of both, those that one may read."""

    collection: Collection
    spaces: list[SpaceBrief]
    count: int


def list_items(session: Session, actor: Actor, collection: Collection) -> list[SpaceBrief]:
    """In its order. Two statements."""
    return briefs(session, _ids(session, actor, [collection.id]).get(collection.id, []))


def list_featured(session: Session, actor: Actor) -> list[CollectionBrief]:
    """One statement where nothing is featured, three where something is."""
    newest = select(Collection).where(Collection.featured_at.is_not(None)).order_by(Collection.featured_at.desc())
    return _looked_at(session, actor, session.scalars(_with_owner(newest).limit(FEATURED_SHOWN)).all())


def list_of_owner(session: Session, actor: Actor, owner_id: str, *, empty: bool) -> list[CollectionBrief]:
    """Also those without a Space that one may read, if `empty`: their curators want to find them."""
    own = select(Collection).where(Collection.owner_id == owner_id).order_by(Collection.updated_at.desc())
    return _looked_at(session, actor, session.scalars(_with_owner(own)).all(), empty=empty)


def _with_owner(collections: Select[Collection]) -> Select[Collection]:
    return collections.options(joinedload(Collection.owner))


def _looked_at(
    session: Session, actor: Actor, collections: Sequence[Collection], *, empty: bool = False
) -> list[CollectionBrief]:
    if not collections:
        return []
    ids = _ids(session, actor, [collection.id for collection in collections])
    first = {space_id for own in ids.values() for space_id in own[:FACES_SHOWN]}
    seen = {brief.space.id: brief for brief in briefs(session, sorted(first))}
    found = [(collection, ids.get(collection.id, [])) for collection in collections]
    return [
        CollectionBrief(collection, [seen[it] for it in own[:FACES_SHOWN] if it in seen], len(own))
        for collection, own in found
        if own or empty
    ]


def _ids(session: Session, actor: Actor, collections: list[str]) -> dict[str, list[str]]:
    """Of the Spaces in each that one may read, in its order."""
    found: dict[str, list[str]] = {}
    for collection_id, space_id in session.execute(
        select(CollectionItem.collection_id, Space.id)
        .join(Space, Space.id == CollectionItem.space_id)
        .where(CollectionItem.collection_id.in_(collections), readable(actor))
        .order_by(CollectionItem.position)
    ):
        found.setdefault(collection_id, []).append(space_id)
    return found
