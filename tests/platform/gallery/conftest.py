"""A hub's database, SQLite's and PostgreSQL's, that keeps what can be searched; and short ways to fill and ask it."""

from dataclasses import dataclass
from typing import Any

import pytest

from minispaces_platform.access import Actor, Carrier
from minispaces_platform.accounts.service import add_user
from minispaces_platform.database import Database
from minispaces_platform.gallery.asking import Wanted
from minispaces_platform.gallery.indexing import index_readme, keep_searchable
from minispaces_platform.gallery.queries import find_spaces
from minispaces_platform.gallery.words import readme_words
from minispaces_platform.models.accounts import User
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Space
from minispaces_platform.spaces.service import create_space

STRANGER = Actor()


@dataclass
class Gallery:
    database: Database
    ada: User

    @property
    def as_ada(self) -> Actor:
        return Actor(self.ada, Scope.WRITE, Carrier.COOKIE)

    def add(self, name: str, *, readme: str = "", visibility: Visibility = Visibility.PUBLIC, **card: Any) -> Space:
        with self.database.writing() as session:
            space = create_space(session, self.ada, name, by=self.ada, visibility=visibility)
            space.card = SpaceCard(**card)
            index_readme(session, space, readme_words(readme.encode()))
            return space

    def find(self, actor: Actor = STRANGER, **wanted: Any) -> list[str]:
        with self.database.reading() as session:
            return [found.space.name for found in find_spaces(session, actor, Wanted(**wanted)).spaces]


@pytest.fixture
def gallery(migrated: Database) -> Gallery:
    keep_searchable(migrated.sessions)
    with migrated.writing() as session:
        return Gallery(migrated, add_user(session, "ada"))
