"""Bring a database to this release's shape."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from minispaces_platform.database import Database


def migrations() -> Path:
    """Beside this file in an installed wheel, at the root in a checkout."""
    installed = Path(__file__).parent / "migrations"
    return installed if installed.exists() else Path(__file__).parents[2] / "migrations"


def configuration(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations()))
    config.attributes["engine"] = database.engine
    return config


def migrate(database: Database, *, revision: str = "head") -> None:
    command.upgrade(configuration(database), revision)
