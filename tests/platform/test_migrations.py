"""Migrations go up, down and up again on both databases, and lead to exactly what the models say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from minispaces_platform.database import Database
from minispaces_platform.migrate import configuration, migrate
from minispaces_platform.models import Base
from minispaces_platform.models.accounts import User


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    yield database
    database.dispose()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    return request.getfixturevalue(request.param)


def test_up_down_and_up_again(database: Database) -> None:
    migrate(database)
    there = set(inspect(database.engine).get_table_names())
    command.downgrade(configuration(database), "base")
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}
    migrate(database)
    assert set(inspect(database.engine).get_table_names()) == there


def test_twice_is_a_no_op(database: Database) -> None:
    migrate(database)
    migrate(database)


@pytest.mark.filterwarnings("ignore:autogenerate skipping")
def test_the_models_say_the_same_as_the_migrations(database: Database) -> None:
    migrate(database)
    command.check(configuration(database))  # raises for a difference


def test_names_that_differ_only_in_case_are_one_name(database: Database) -> None:
    migrate(database)
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add_all([User(name="Ada"), User(name="ada")])


def test_a_newer_database_is_refused(database: Database) -> None:
    migrate(database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CommandError, match="9999"):
        migrate(database)


def test_what_a_database_does_by_itself_is_left_by_all_migrations(database: Database) -> None:
    """A migration that copies a table, as SQLite must for some changes, leaves the table's triggers behind."""
    lists = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    statement = text(lists[database.engine.dialect.name])
    with database.engine.connect() as connection:
        with connection.begin() as undone:
            Base.metadata.create_all(connection)
            said = set(connection.scalars(statement))
            undone.rollback()
        migrate(database)
        assert set() < said <= set(connection.scalars(statement))
