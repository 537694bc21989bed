"""What a provider says of somebody, in our words. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from minispaces_platform.accounts.providers import Provider
from minispaces_platform.errors import InvalidError
from minispaces_platform.names import check_owner_name

_NAME_MAX = 40
_GROUPS_MAX = 2000


@dataclass(frozen=True, slots=True)
class Person:
    """Issuer and subject are who it is; everything else is a hint, and the groups are that provider's word."""

    issuer: str
    subject: str
    user_name: str
    full_name: str = ""
    email: str = ""
    email_verified: bool = False
    groups: frozenset[str] = frozenset()


def person_of(provider: Provider, claims: Mapping[str, Any]) -> Person:
    """From the claims of an id_token and of the userinfo endpoint."""
    email = _text(claims.get("email"), 320)
    return Person(
        issuer=provider.issuer,
        subject=str(claims["sub"]),
        user_name=user_name_from(claims),
        full_name=_text(claims.get("name"), 200),
        email=email,
        email_verified=claims.get("email_verified") is True,
        groups=_groups(claims.get(provider.groups_claim)),
    )


def user_name_from(claims: Mapping[str, Any]) -> str:
    """The first hint that makes a name of ours; `user` if none does."""
    for hint in ("preferred_username", "nickname", "email", "name"):
        name = clean_name(_text(claims.get(hint), 320).partition("@")[0])
        if _is_name(name):
            return name
    return "user"


def clean_name(hint: str) -> str:
    """Letters without their accents, and a dash for whatever a name may not have."""
    plain = unicodedata.normalize("NFKD", hint).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", plain)[:_NAME_MAX].strip("-_")


def is_allowed(provider: Provider, person: Person) -> bool:
    """Whether the allow-list lets them in; without one, whoever has an account there."""
    if not provider.allowed_domains and not provider.allowed_groups:
        return True
    return _domain(person) in provider.allowed_domains or bool(person.groups & provider.allowed_groups)


def _domain(person: Person) -> str | None:
    """None unless the address is verified and has just the one @ that every reader takes for the same."""
    local, _, domain = person.email.partition("@")
    return domain.lower() if person.email_verified and local and "@" not in domain else None


def numbered(name: str) -> Iterator[str]:
    """The name itself, then with numbers behind it."""
    yield name
    for number in range(2, 1000):
        yield f"{name}-{number}"


def _is_name(name: str) -> bool:
    try:
        check_owner_name(name, what="user")
    except InvalidError:
        return False
    return True


def _text(value: object, longest: int) -> str:
    """Claims are hostile: what is no printable text counts as missing."""
    return value.strip()[:longest] if isinstance(value, str) and value.isprintable() else ""


def _groups(value: object) -> frozenset[str]:
    """A list of names, or a single one, as some providers write it."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list):
        return frozenset()
    return frozenset(name for name in names[:_GROUPS_MAX] if isinstance(name, str))
