"""What the pages of administration show. Pure."""

from dataclasses import dataclass
from datetime import datetime

from minispaces_platform.forms import FormProblem
from minispaces_platform.models.accounts import User
from minispaces_platform.models.spaces import Space
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.visibility import VisibilityWords, words_of


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    full_name: str
    is_admin: bool
    since: datetime
    suspended_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class PeopleView:
    """`older` is what the next page begins after, empty on the last."""

    people: tuple[Person, ...]
    search: str
    older: str


@dataclass(frozen=True, slots=True)
class PersonView:
    person: Person
    is_self: bool
    link: str
    """A new one-time link, shown this once."""
    problem: FormProblem
    done: str


@dataclass(frozen=True, slots=True)
class SpaceRow:
    full_name: str
    visibility: VisibilityWords
    created_at: datetime
    is_down: bool
    reason: str


@dataclass(frozen=True, slots=True)
class SpacesView:
    spaces: tuple[SpaceRow, ...]
    search: str
    older: str


def person_of(user: User) -> Person:
    return Person(user.name, user.full_name, user.is_admin, user.created_at, user.suspended_at, user.suspended_reason)


def row_of(space: Space, settings: PlatformSettings) -> SpaceRow:
    words = words_of(space.visibility, settings)
    return SpaceRow(space.full_name, words, space.created_at, space.taken_down_at is not None, space.taken_down_reason)
