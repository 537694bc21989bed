"""What a command beside the server needs: the installation's database and settings, whether it runs or not."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from redis import Redis
from sqlalchemy.orm import Session

from minispaces_platform.changes import changing
from minispaces_platform.database import Database
from minispaces_platform.edge.announcing import announce_access
from minispaces_platform.gallery.indexing import keep_searchable
from minispaces_platform.installation import settings_of
from minispaces_platform.migrate import migrate
from minispaces_platform.settings import PlatformSettings


@contextmanager
def opened(data: Path) -> Iterator[tuple[Database, PlatformSettings]]:
    """SQLite takes several processes; the wheel's version is one that does so safely."""
    settings = settings_of(data)
    data.mkdir(parents=True, exist_ok=True)
    database = Database(settings.effective_database_url)
    try:
        migrate(database)
        yield database, settings
    finally:
        database.dispose()


@contextmanager
def changed(data: Path) -> Iterator[Session]:
    """One transaction; a running server learns of it at once."""
    with opened(data) as (database, settings):
        redis = Redis.from_url(settings.redis_url, socket_timeout=2)
        announce_access(database, redis)
        keep_searchable(database.sessions)
        with closing(redis), changing(database, redis) as session:
            yield session


@contextmanager
def read(data: Path) -> Iterator[Session]:
    with opened(data) as (database, _settings), database.reading() as session:
        yield session
