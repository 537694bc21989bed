"""What the provider's pages show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from minispaces_platform.oauth import scopes
from minispaces_platform.oauth.asking import FIELDS, Asked


@dataclass(frozen=True, slots=True)
class ConsentView:
    """`fields` are sent along with the decision, as they came."""

    name: str
    space: str
    host: str
    wishes: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OnwardView:
    """An address of ours that the page leads to by itself."""

    path: str


@dataclass(frozen=True, slots=True)
class DeviceFormView:
    code: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class DeviceView:
    code: str
    name: str
    wishes: tuple[str, ...]
    address: str
    since: datetime


@dataclass(frozen=True, slots=True)
class DecidedView:
    allowed: bool
    name: str


@dataclass(frozen=True, slots=True)
class AppView:
    """A client that somebody let in; `space` is empty for a program in a terminal."""

    id: str
    name: str
    space: str
    wishes: tuple[str, ...]
    since: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AppsView:
    apps: tuple[AppView, ...]


def consent_view(asked: Asked, fields: Mapping[str, str], *, host: str) -> ConsentView:
    space = asked.client.space
    return ConsentView(
        name=asked.client.name,
        space=space.full_name if space else "",
        host=host,
        wishes=scopes.in_words(asked.scopes),
        fields=tuple((name, fields[name]) for name in FIELDS if name in fields),
    )
