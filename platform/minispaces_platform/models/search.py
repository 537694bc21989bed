"""What can be searched of a Space. The database itself keeps the indexes: PostgreSQL by generated columns, SQLite by
triggers. Everything that only one of them has is called `search_...`, and migrations leave it out of their comparison.
"""

from typing import Final

from sqlalchemy import DDL, ForeignKey, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_platform.database import Base


class SearchText(Base):
    """Words as `gallery/words.py` makes them. `readme` is None until it has been read.

    `id` is the row's number in SQLite's full-text tables.
    """

    __tablename__ = "search_texts"

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), unique=True)
    owner: Mapped[str] = mapped_column(Text, default="")
    names: Mapped[str] = mapped_column(Text, default="")
    readme: Mapped[str | None] = mapped_column(Text)


class SpaceTag(Base):
    """A tag of the front matter, in lower case."""

    __tablename__ = "space_tags"

    tag: Mapped[str] = mapped_column(String(60), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True, index=True)


_POSTGRESQL: Final = (
    """ALTER TABLE search_texts ADD COLUMN search_names tsvector
    GENERATED ALWAYS AS (to_tsvector('simple', owner || ' ' || names)) STORED""",
    """ALTER TABLE search_texts ADD COLUMN search_all tsvector
    GENERATED ALWAYS AS (to_tsvector('simple', owner || ' ' || names || ' ' || coalesce(readme, ''))) STORED""",
    "CREATE INDEX search_texts_names ON search_texts USING gin (search_names)",
    "CREATE INDEX search_texts_all ON search_texts USING gin (search_all)",
)
_FTS = "fts5(words, content='', contentless_delete=1, detail='none', prefix='2 3 4', tokenize='unicode61')"
_SQLITE: Final = (
    f"CREATE VIRTUAL TABLE search_names USING {_FTS}",
    f"CREATE VIRTUAL TABLE search_all USING {_FTS}",
    """CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts BEGIN
    INSERT INTO search_names (rowid, words) VALUES (new.id, new.owner || ' ' || new.names);
    INSERT INTO search_all (rowid, words)
    VALUES (new.id, new.owner || ' ' || new.names || ' ' || coalesce(new.readme, '')); END""",
    """CREATE TRIGGER search_texts_changed AFTER UPDATE OF owner, names, readme ON search_texts BEGIN
    INSERT OR REPLACE INTO search_names (rowid, words) VALUES (new.id, new.owner || ' ' || new.names);
    INSERT OR REPLACE INTO search_all (rowid, words)
    VALUES (new.id, new.owner || ' ' || new.names || ' ' || coalesce(new.readme, '')); END""",
    """CREATE TRIGGER search_texts_gone AFTER DELETE ON search_texts BEGIN
    DELETE FROM search_names WHERE rowid = old.id; DELETE FROM search_all WHERE rowid = old.id; END""",
)
for _dialect, _statements in (("postgresql", _POSTGRESQL), ("sqlite", _SQLITE)):
    for _statement in _statements:
        _ddl = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types
        event.listen(SearchText.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
