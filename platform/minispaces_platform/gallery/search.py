"""Full-text search behind one function, on SQLite and on PostgreSQL. Words are prefixes: results come while typing."""

from typing import Any

from sqlalchemy import ColumnElement, Select, column, func, literal_column, select, table
from sqlalchemy.orm import Session

from minispaces_platform.models.search import SearchText
from minispaces_platform.models.spaces import Space

FEW = 500
"""Up to so many matches are looked at one by one; of more, a page is found sooner by going through the Spaces."""


def matches(session: Session, words: list[str], *, everywhere: bool) -> ColumnElement[bool]:
    """Whether a Space has all `words` in its names and tags, or, `everywhere`, in its README too."""
    place = "search_all" if everywhere else "search_names"
    if session.get_bind().dialect.name == "postgresql":
        vector: ColumnElement[Any] = literal_column(f"search_texts.{place}")
        found = select(SearchText.space_id).where(vector.bool_op("@@")(func.to_tsquery("simple", _tsquery(words))))
        return narrowed(session, found, Space.id.in_(found))
    words_of = table(place, column("rowid"))
    numbers = select(words_of.c.rowid).where(literal_column(place).bool_op("MATCH")(_fts_query(words)))
    own = select(SearchText.id).where(SearchText.space_id == Space.id).correlate(Space).scalar_subquery()
    found = select(SearchText.space_id).where(SearchText.id.in_(numbers))
    return narrowed(session, found, own.in_(numbers))


def narrowed(session: Session, found: Select[str], otherwise: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a Space is among those `found`, by their ids where they are few."""
    few = session.scalars(found.limit(FEW + 1)).all()
    return Space.id.in_(few) if len(few) <= FEW else otherwise


def _fts_query(words: list[str]) -> str:
    return " ".join(f'"{word}"*' if len(word) > 1 else f'"{word}"' for word in words)


def _tsquery(words: list[str]) -> str:
    return " & ".join(f"'{word}':*" if len(word) > 1 else f"'{word}'" for word in words)
