"""The database itself refuses to change or to lose a row of the audit log."""

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from minispaces_platform.access import PLATFORM
from minispaces_platform.audit.service import COMMAND_LINE, record
from minispaces_platform.database import Database
from minispaces_platform.migrate import migrate
from minispaces_platform.models.audit import AuditEvent

CHANGES = [update(AuditEvent).values(actor_name="nobody"), delete(AuditEvent)]


@pytest.fixture
def database(migrated: Database) -> Database:
    with migrated.writing() as session:
        record(session, COMMAND_LINE, "test.row", PLATFORM)
    return migrated


@pytest.mark.parametrize("change", CHANGES, ids=["update", "delete"])
def test_a_row_is_neither_changed_nor_deleted(database: Database, change: object) -> None:
    with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
        session.execute(change)  # type: ignore[call-overload]
    with database.reading() as session:
        assert session.scalars(select(AuditEvent.actor_name)).all() == ["command line"]


@pytest.mark.postgres
def test_the_table_is_not_emptied_either(postgres_url: str) -> None:
    database = Database(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    migrate(database)
    with pytest.raises(DBAPIError, match="append-only"), database.writing() as session:
        session.execute(text("TRUNCATE audit_events"))
    database.dispose()
