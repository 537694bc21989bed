"""What was read for a page, kept for everybody with the same rights until anything is written: many look, few write."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any, Final, TypeVar

from sqlalchemy import event

from minispaces_platform.access import Actor
from minispaces_platform.database import Database

SECONDS: Final = 1.0
"""For so long at most: the command line writes too, from a process of its own."""
_MOST: Final = 256

T = TypeVar("T")


@dataclass
class _Page:
    """`lock` is held by whoever makes it anew; the others take the old one, or wait, instead of doing the same."""

    lock: Lock = field(default_factory=Lock)
    changes: int = -1
    at: float = 0.0
    value: Any = None


@dataclass
class Kept:
    """`changes` counts the commits of this process."""

    changes: int = 0
    pages: dict[Hashable, _Page] = field(default_factory=dict)

    def read(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is made must follow from the database and `key` alone: name the actor's `rights` in it."""
        if len(self.pages) >= _MOST:
            self.pages.clear()
        page = self.pages.setdefault(key, _Page())
        if page.changes == self.changes and page.lock.locked() and monotonic() - page.at < 2 * SECONDS:
            old: T = page.value  # of another process's making at most, and somebody looks already
            return old
        with page.lock:
            changes = self.changes  # before `make` looks: what is written meanwhile makes its answer an old one
            if page.changes != changes or monotonic() - page.at >= SECONDS:
                page.value, page.changes, page.at = make(), changes, monotonic()
            value: T = page.value
            return value

    def watch(self, database: Database) -> None:
        event.listen(database.sessions, "after_commit", self._note)

    def _note(self, _session: Any) -> None:
        self.changes += 1


def rights(actor: Actor) -> Hashable:
    """All that `readable` asks of an actor."""
    who = actor.user.id if actor.user else None
    return who, actor.is_admin, actor.is_known, actor.welcome, actor.spaces, frozenset(actor.roles.items())
