"""The one clock. Apart from the database, which takes the command line a second to load."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
