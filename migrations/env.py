"""Alembic's entry: the engine comes from the platform, or from MINISPACES_DATABASE_URL on the command line."""

from alembic import context

from minispaces_platform.database import Database, Document, Moment
from minispaces_platform.models import Base
from minispaces_platform.settings import PlatformSettings


def render_plain(kind: str, item: object, _context: object) -> str | bool:
    """Migrations name columns as the database has them: our own types may change, history may not."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Document):
        return "sa.JSON()"
    return False


def is_ours(_object: object, name: str | None, _kind: str, reflected: bool, compared: object) -> bool:  # noqa: FBT001 - Alembic's
    """What one database has for searching, and the other has not, is in no model (models/search.py)."""
    return not (reflected and compared is None and (name or "").startswith("search_"))


def run() -> None:
    engine = context.config.attributes.get("engine") or Database(PlatformSettings().effective_database_url).engine
    with engine.connect().execution_options(writes=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            render_item=render_plain,
            include_object=is_ours,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7250917)")  # two platforms start at once
            context.run_migrations()


run()
