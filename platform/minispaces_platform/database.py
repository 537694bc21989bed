"""The database: one engine, two kinds of session, and the only `commit` of the house.

`Database.reading` is a transaction that is rolled back; `Database.writing` commits at its end and then does
what was collected by `after_commit`. SQLite comes from the `pysqlite3` wheel: Debian 12's own 3.40 may lose
commits when several processes write to one WAL file (fixed in 3.51.3).
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import structlog
import uuid_utils
from pydantic import BaseModel
from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, sessionmaker

from minispaces_platform import clock
from minispaces_platform.errors import AwayError
from minispaces_platform.outages import is_outage

now = clock.now
_log = structlog.get_logger()
WAIT_SECONDS = 15
"""For whoever else writes to SQLite."""
M = TypeVar("M", bound=BaseModel)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def new_id() -> str:
    """A uuid7 in 32 hex digits: sorts by time, fits into names of files, containers and hosts."""
    return uuid_utils.uuid7().hex


class Moment(TypeDecorator[datetime]):
    """A time with its zone on every database; SQLite stores UTC without saying so."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


class Document(TypeDecorator[BaseModel]):
    """A pydantic model in a JSON column."""

    impl = JSON
    cache_ok = True

    def __init__(self, model: type[BaseModel]) -> None:
        super().__init__(none_as_null=True)
        self.model = model

    def process_bind_param(self, value: BaseModel | None, dialect: Dialect) -> Any:
        return None if value is None else value.model_dump(mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> BaseModel | None:
        return None if value is None else self.model.model_validate(value)


def word(closed: type[StrEnum]) -> Enum:
    """A closed set as checked text, readable in the database."""
    return Enum(
        closed,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=closed.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


class Database:
    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._takes_turns = self.engine.dialect.name == "sqlite"
        self._writer = RLock()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.sessions() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Commit at the end, roll back on any error. On SQLite the write lock is taken at the start."""
        with self.sessions(bind=self.engine.execution_options(writes=True)) as session:
            with self._turn(), session.begin():
                yield session
            for job in session.info.pop("after_commit", []):
                _follow_up(job)

    def _turn(self) -> AbstractContextManager[None]:
        return _taking(self._writer) if self._takes_turns else nullcontext()

    def dispose(self) -> None:
        self.engine.dispose()


@contextmanager
def _taking(writer: RLock) -> Iterator[None]:
    """Whoever waits here holds no connection that a reader could use, and does not poll SQLite for its lock."""
    if not writer.acquire(timeout=WAIT_SECONDS):
        raise AwayError("The database is too busy right now, so nothing was changed.", hint="Try again in a minute.")
    try:
        yield
    finally:
        writer.release()


def among(column: InstrumentedAttribute[str], some: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """The condition for `some` of all; none where there are none."""
    return (column.in_(some),) if some else ()


def after_commit(session: Session, job: Callable[[], None]) -> None:
    """Do `job` once the transaction is on disk; a rollback drops it. The janitor repeats what a crash lost."""
    session.info.setdefault("after_commit", []).append(job)


def _follow_up(job: Callable[[], None]) -> None:
    """What is on disk is done, whatever part is away by now."""
    try:
        job()
    except Exception as error:
        if not is_outage(error):
            raise
        _log.warning("after_commit_skipped", reason=str(error)[:300])


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        given_up = {"connect_timeout": 5, "tcp_user_timeout": 15_000}
        return create_engine(
            url, pool_pre_ping=True, pool_size=10, max_overflow=20, pool_timeout=WAIT_SECONDS, connect_args=given_up
        )
    import pysqlite3.dbapi2 as sqlite  # only here: PostgreSQL installations need not load it

    if path := make_url(url).database:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    waits = {"check_same_thread": False, "timeout": WAIT_SECONDS}
    engine = create_engine(url, module=sqlite, pool_size=10, max_overflow=-1, connect_args=waits)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={WAIT_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    # A deferred transaction that turns into a writing one fails at once when another has written meanwhile.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
