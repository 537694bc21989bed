"""Full-text search behind one function, on SQLite and on PostgreSQL. Words are prefixes: results come while typing."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, String, any_, column, func, literal, literal_column, select, table
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
        return narrowed(session, found, Space.id.in_(found))  # of prefixes PostgreSQL guesses that 2 % match, always
    words_of = table(place, column("rowid"))
    match = literal_column(place).bool_op("MATCH")(_fts_query(words))
    numbers = select(words_of.c.rowid).where(match)
    own = select(SearchText.id).where(SearchText.space_id == Space.id).correlate(Space).scalar_subquery()
    by_number = select(SearchText.space_id).join(words_of, words_of.c.rowid == SearchText.id)
    return narrowed(session, by_number.where(match), own.in_(numbers))


def narrowed(session: Session, found: Select[str], otherwise: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a Space is among those `found`, by their ids where they are few."""
    few = session.scalars(found.limit(FEW + 1)).all()
    return _is_among(session, few) if len(few) <= FEW else otherwise


def _is_among(session: Session, ids: Sequence[str]) -> ColumnElement[bool]:
    """In one parameter: hundreds of them cost more than the search."""
    if session.get_bind().dialect.name == "postgresql":
        return Space.id == any_(literal(list(ids), ARRAY(String)))
    return Space.id.in_(select(func.json_each(json.dumps(ids)).table_valued("value").c.value))


def _fts_query(words: list[str]) -> str:
    return " ".join(f'"{word}"*' if len(word) > 1 else f'"{word}"' for word in words)


def _tsquery(words: list[str]) -> str:
    return " & ".join(f"'{word}':*" if len(word) > 1 else f"'{word}'" for word in words)
