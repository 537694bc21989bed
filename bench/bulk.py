"""Many rows at once: indexes and foreign keys put aside, PostgreSQL's COPY, and everything put back."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Connection, Table

Rows = Iterable[dict[str, Any]]

_ASIDE = {
    "postgresql": """
        SELECT indexname, indexdef, 'index' FROM pg_indexes
        WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint)
        ORDER BY indexname""",
    "sqlite": """
        SELECT name, sql, type FROM sqlite_master
        WHERE type = 'index' AND sql IS NOT NULL OR type = 'trigger' AND name LIKE 'space_stages_%'
        ORDER BY name""",
}
"""Indexes, and triggers that would look for their rows without them; PostgreSQL sleeps through triggers, see below."""
_FOREIGN_KEYS = {
    "postgresql": ("SET session_replication_role = replica", "SET session_replication_role = origin"),
    "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
}


@contextmanager
def without_indexes(connection: Connection) -> Iterator[None]:
    """And without triggers and foreign keys, which nothing checks afterwards: what is loaded must be true. Commits."""
    dialect = connection.dialect.name
    off, on = _FOREIGN_KEYS[dialect]
    found = connection.exec_driver_sql(_ASIDE[dialect]).all()
    connection.commit()
    driver: Any = connection.connection.driver_connection
    driver.execute(off)  # SQLAlchemy would begin a transaction first, and SQLite does not listen within one
    for name, _, kind in found:
        connection.exec_driver_sql(f'DROP {kind} "{name}"')
    connection.commit()
    yield
    for _, definition, _ in found:
        connection.exec_driver_sql(definition)
    connection.commit()
    driver.execute(on)


def load(connection: Connection, table: Table, rows: Rows) -> None:
    columns = list(table.columns)
    ready = _prepared(connection, columns, rows)
    if connection.dialect.name == "postgresql":
        _copy(connection, columns, ready)
    else:
        names = [column.name for column in columns]
        marks = ", ".join("?" for _ in names)
        words = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"
        connection.exec_driver_sql(words, list(map(tuple, ready)))


def _copy(connection: Connection, columns: Sequence[Column[Any]], rows: Iterable[list[Any]]) -> None:
    names = ", ".join(column.name for column in columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{columns[0].table.name}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _prepared(connection: Connection, columns: Sequence[Column[Any]], rows: Rows) -> Iterator[list[Any]]:
    """In the order of the columns, with their defaults, as the driver takes them."""
    known = [(column.name, _default(column), _processor(connection, column)) for column in columns]
    for row in rows:
        yield [process(row[name] if name in row else default()) for name, default, process in known]


def _default(column: Column[Any]) -> Callable[[], Any]:
    default: Any = column.default
    if default is None:
        return lambda: None
    return (lambda: default.arg(None)) if default.is_callable else (lambda: default.arg)


def _processor(connection: Connection, column: Column[Any]) -> Callable[[Any], Any]:
    found = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return found or (lambda value: value)
