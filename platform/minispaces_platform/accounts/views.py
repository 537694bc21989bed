"""What the pages of signing in and of one's account show. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from minispaces_platform.accounts.providers import Provider
from minispaces_platform.models.accounts import AccessToken, Identity, LoginSession

EXPIRIES = {"7": "in 7 days", "30": "in 30 days", "90": "in 90 days", "365": "in a year", "never": "never"}
"""What a token's form offers, by the days that it sends."""
_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "curl", "python")
_BROWSER_NAMES = {"Edg": "Edge", "OPR": "Opera", "python": "Python"}
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
_SYSTEM_NAMES = {"Mac OS X": "macOS"}


@dataclass(frozen=True, slots=True)
class Way:
    label: str
    path: str


@dataclass(frozen=True, slots=True)
class LoginView:
    """`left` is the provider of a session that has just ended here, `leave` the address where it ends there."""

    ways: tuple[Way, ...]
    left: str = ""
    leave: str = ""


@dataclass(frozen=True, slots=True)
class LinkView:
    name: str
    secret: str
    hub: str


@dataclass(frozen=True, slots=True)
class SetupView:
    secret: str
    name: str
    error: str


@dataclass(frozen=True, slots=True)
class GoingView:
    """The step between a form of ours and a provider: a form itself may lead only to us."""

    provider: str
    address: str


@dataclass(frozen=True, slots=True)
class SessionView:
    id: str
    browser: str
    address: str
    way: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class IdentityView:
    id: str
    provider: str
    email: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class TokenView:
    """`spaces` is empty for one that is good for all."""

    id: str
    name: str
    hint: str
    scope: str
    spaces: tuple[str, ...]
    is_restricted: bool
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class TokenForm:
    """As it was sent, when it comes back with what is wrong with it."""

    name: str = ""
    scope: str = "write"
    expiry: str = "90"
    is_restricted: bool = False
    spaces: frozenset[str] = frozenset()
    error: str = ""


@dataclass(frozen=True, slots=True)
class AccountView:
    """`made` is a token that was just made, shown this once."""

    sessions: tuple[SessionView, ...]
    identities: tuple[IdentityView, ...]
    may_remove: bool
    providers: tuple[Choice, ...]
    tokens: tuple[TokenView, ...]
    spaces: tuple[Choice, ...]
    expiries: tuple[Choice, ...]
    form: TokenForm
    made: str = ""


def way_of(provider: Provider, next_path: str) -> Way:
    query = "" if next_path == "/" else f"?next={quote(next_path, safe='')}"
    return Way(provider.title, f"/login/with/{provider.name}{query}")


def browser_of(user_agent: str) -> str:
    """In two words, for people to know their own by; what it claims proves nothing."""
    browser = next((each for each in _BROWSERS if re.search(rf"{each}[^/ ]*/", user_agent)), "")
    system = next((each for each in _SYSTEMS if each in user_agent), "")
    words = (_BROWSER_NAMES.get(browser, browser), _SYSTEM_NAMES.get(system, system))
    return " on ".join(filter(None, words)) or "Unknown browser"


def session_view(row: LoginSession, titles: dict[str, str], *, current: str | None) -> SessionView:
    """`titles` are the providers' by their issuers."""
    way = titles.get(row.issuer, row.issuer) if row.issuer else "one-time link"
    return SessionView(
        row.id, browser_of(row.user_agent), row.address, way, row.created_at, row.last_seen_at, row.id == current
    )


def identity_view(row: Identity, titles: dict[str, str]) -> IdentityView:
    return IdentityView(row.id, titles.get(row.issuer, row.issuer), row.email, row.last_login_at)


def token_view(row: AccessToken, spaces: tuple[str, ...], *, at: datetime) -> TokenView:
    return TokenView(
        row.id, row.name, row.hint, row.scope.value, spaces, row.restricted, row.created_at, row.last_used_at,
        row.expires_at, is_over=row.expires_at is not None and row.expires_at <= at,
    )  # fmt: skip
