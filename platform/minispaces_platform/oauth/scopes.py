"""What a client may ask for: the Hub's words, what they say to people, and what they open here (hf-compat 2.14)."""

from collections.abc import Iterable, Mapping
from typing import Final

from minispaces_platform.models.scopes import Scope

ALWAYS = ("openid", "profile")
SCOPES: Final[Mapping[str, str]] = {
    "openid": "know who you are",
    "profile": "see your name, your picture and which organisations you are in",
    "email": "see your e-mail address",
    "read-memberships": "see your roles in organisations",
    "read-repos": "read your Spaces, private ones too",
    "contribute-repos": "make Spaces and change them as you can",
    "write-repos": "change your Spaces as you can",
    "manage-repos": "make Spaces, change them and their settings as you can",
    "read-billing": "",
    "gated-repos": "",
    "read-collections": "",
    "write-collections": "",
    "inference-api": "",
    "read-endpoints": "",
    "write-endpoints": "",
    "jobs": "",
    "webhooks": "",
    "write-discussions": "",
}
"""Those without words are taken, so that Spaces from the Hub work, and open nothing."""
_WRITING = frozenset({"contribute-repos", "write-repos", "manage-repos"})


def split(text: str) -> tuple[str, ...]:
    """Known scopes in the order of the table; unknown ones are ignored, as OpenID Connect asks."""
    return tuple(scope for scope in SCOPES if scope in text.split())


def join(scopes: Iterable[str]) -> str:
    return " ".join(scopes)


def in_words(scopes: Iterable[str]) -> tuple[str, ...]:
    return tuple(SCOPES[scope] for scope in scopes if SCOPES[scope])


def token_scope(scopes: Iterable[str]) -> Scope | None:
    """What a token may do with Spaces; None is nothing at all: it says who somebody is, and no more."""
    asked = set(scopes)
    if asked & _WRITING:
        return Scope.WRITE
    return Scope.READ if "read-repos" in asked else None
