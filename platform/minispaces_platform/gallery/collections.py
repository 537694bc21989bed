"""Collections: made, described, filled and put in order by whoever may curate for their owner; featured by admins."""

import re
import unicodedata

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.audit import service as audit
from minispaces_platform.database import now
from minispaces_platform.errors import ConflictError, InvalidError, NotFoundError
from minispaces_platform.models.collections import Collection, CollectionItem
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.spaces import Space
from minispaces_platform.spaces.service import find_space
from minispaces_platform.wording import tidy

TITLE_MAX, DESCRIPTION_MAX = 100, 500
COLLECTIONS_MAX, ITEMS_MAX = 100, 200
"""Of one owner; in one collection."""


def create_collection(
    session: Session, actor: Actor, owner: Namespace, *, title: str, description: str = ""
) -> Collection:
    """Raises InvalidError for a title that is none, ConflictError for too many."""
    title = _checked(title)
    slugs = set(session.scalars(select(Collection.slug).where(Collection.owner_id == owner.id)))
    if len(slugs) >= COLLECTIONS_MAX:
        raise ConflictError(f"{owner.name} has {COLLECTIONS_MAX} collections.", hint="Delete one first.")
    made = Collection(owner_id=owner.id, owner=owner, slug=_slug(title, slugs), title=title)
    made.description = tidy(description, DESCRIPTION_MAX)
    session.add(made)
    session.flush()
    audit.record(session, actor, "collection.create", owner, collection=made.slug)
    return made


def find_collection(session: Session, owner: Namespace, slug: str) -> Collection | None:
    """The owner is loaded."""
    return session.scalar(
        select(Collection)
        .options(joinedload(Collection.owner))
        .where(Collection.owner_id == owner.id, Collection.slug == slug.lower())
    )


def get_collection(session: Session, owner: Namespace, slug: str) -> Collection:
    if found := find_collection(session, owner, slug):
        return found
    raise NotFoundError(f"There is no collection {owner.name}/{slug[:80]}.")


def describe(session: Session, actor: Actor, collection: Collection, *, title: str, description: str) -> None:
    collection.title, collection.description = _checked(title), tidy(description, DESCRIPTION_MAX)
    _note(session, actor, collection, "collection.describe")


def add_item(session: Session, actor: Actor, collection: Collection, *, full_name: str) -> None:
    """At the end. Raises NotFoundError for a Space that `actor` may not read, as for none."""
    space = get_readable(session, actor, full_name)
    if session.get(CollectionItem, (collection.id, space.id)):
        raise ConflictError(f"{space.full_name} is in this collection already.")
    count = session.scalar(select(func.count()).where(CollectionItem.collection_id == collection.id)) or 0
    if count >= ITEMS_MAX:
        raise ConflictError(f"This collection has {ITEMS_MAX} Spaces.", hint="Remove one, or make another collection.")
    session.add(CollectionItem(collection_id=collection.id, space_id=space.id, position=count))
    _note(session, actor, collection, "collection.add", space=space.full_name)


def get_readable(session: Session, actor: Actor, full_name: str) -> Space:
    owner, _, name = full_name.strip().removeprefix("/").removeprefix("spaces/").partition("/")
    space = find_space(session, owner, name)
    if space is None or not may(actor, Action.READ, space):
        raise NotFoundError(f"There is no Space {full_name[:80]!r}.", hint="Write its owner and name: ada/hello")
    return space


def remove_item(session: Session, actor: Actor, collection: Collection, *, space: Space) -> None:
    items = _items(session, collection)
    left = [item for item in items if item.space_id != space.id]
    for item in items:
        if item.space_id == space.id:
            session.delete(item)
            _note(session, actor, collection, "collection.remove", space=space.full_name)
    _put_in_order(left)


def move_item(session: Session, actor: Actor, collection: Collection, *, space: Space, up: bool) -> None:
    """One place; the first cannot go up, nor the last down."""
    items = _items(session, collection)
    at = next((number for number, item in enumerate(items) if item.space_id == space.id), None)
    to = at if at is None else at + (-1 if up else 1)
    if at is None or to is None or not 0 <= to < len(items):
        return
    items[at], items[to] = items[to], items[at]
    _put_in_order(items)
    _note(session, actor, collection, "collection.order", space=space.full_name)


def set_featured(session: Session, actor: Actor, collection: Collection, *, featured: bool) -> None:
    """On the front page, the newest first."""
    collection.featured_at = now() if featured else None
    audit.record(session, actor, "collection.feature", collection.owner, collection=collection.slug, featured=featured)


def delete_collection(session: Session, actor: Actor, collection: Collection) -> None:
    audit.record(session, actor, "collection.delete", collection.owner, collection=collection.slug)
    session.delete(collection)


def _items(session: Session, collection: Collection) -> list[CollectionItem]:
    own = select(CollectionItem).where(CollectionItem.collection_id == collection.id)
    return list(session.scalars(own.order_by(CollectionItem.position)))


def _put_in_order(items: list[CollectionItem]) -> None:
    for position, item in enumerate(items):
        item.position = position


def _note(session: Session, actor: Actor, collection: Collection, action: str, **details: str) -> None:
    collection.updated_at = now()
    audit.record(session, actor, action, collection.owner, collection=collection.slug, **details)


def _checked(title: str) -> str:
    if not (clean := tidy(title, TITLE_MAX)):
        raise InvalidError("A collection needs a title.", hint="A few words that say what is in it.")
    return clean


def _slug(title: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "collection"
    numbered = (base if number == 1 else f"{base}-{number}" for number in range(1, COLLECTIONS_MAX + 2))
    return next(slug for slug in numbered if slug not in taken)
