"""Keeps what can be searched true, in whatever transaction changes it: a Space's names, card, owner; its README."""

from typing import Any

from sqlalchemy import delete, event, insert, inspect, select, update
from sqlalchemy.orm import InstanceState, Session, sessionmaker

from minispaces_platform.gallery.words import words_of
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.search import SearchText, SpaceTag
from minispaces_platform.models.spaces import Space

_SHOWN = ("name", "card", "owner_id")
_CALLED = ("name", "full_name")


def keep_searchable(sessions: "sessionmaker[Session]") -> None:
    """From now on, whichever service writes."""
    event.listen(sessions, "after_flush", _see_flush)


def index_readme(session: Session, space: Space, words: str) -> None:
    session.flush()
    if session.scalar(select(SearchText.id).where(SearchText.space_id == space.id)) is None:
        index_space(session, space)
    session.execute(update(SearchText).where(SearchText.space_id == space.id).values(readme=words))


def index_space(session: Session, space: Space) -> None:
    """Its names, tags and owner, as they are now."""
    texts = {"owner": _owner_words(session, space.owner_id), "names": _name_words(space)}
    done = session.execute(update(SearchText).where(SearchText.space_id == space.id).values(texts))
    if not done.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result counts its rows
        session.execute(insert(SearchText).values(space_id=space.id, **texts))
    session.execute(delete(SpaceTag).where(SpaceTag.space_id == space.id))
    if tags := tags_of(space):
        session.execute(insert(SpaceTag), [{"tag": tag, "space_id": space.id} for tag in tags])


def tags_of(space: Space) -> tuple[str, ...]:
    cleaned = (" ".join(tag.lower().replace("\0", "").split()) for tag in space.card.tags)
    return tuple(dict.fromkeys(tag for tag in cleaned if tag))


def _see_flush(session: Session, _context: Any) -> None:
    for thing in (*session.new, *session.dirty):
        if isinstance(thing, Space) and _changed(thing, _SHOWN):
            index_space(session, thing)
        elif isinstance(thing, Namespace) and thing not in session.new and _changed(thing, _CALLED):
            theirs = select(Space.id).where(Space.owner_id == thing.id)
            words = words_of(thing.name, thing.full_name)
            session.execute(update(SearchText).where(SearchText.space_id.in_(theirs)).values(owner=words))


def _changed(thing: Space | Namespace, columns: tuple[str, ...]) -> bool:
    state: InstanceState[Any] = inspect(thing)
    return any(state.attrs[column].history.has_changes() for column in columns)


def _owner_words(session: Session, owner_id: str) -> str:
    row = session.execute(select(Namespace.name, Namespace.full_name).where(Namespace.id == owner_id)).one()
    return words_of(*row)


def _name_words(space: Space) -> str:
    card = space.card
    return words_of(space.name, card.title or "", card.short_description or "", *card.tags)
