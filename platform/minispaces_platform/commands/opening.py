"""What a command beside the server needs: the installation's database and settings, whether it runs or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minispaces_platform.database import Database
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
