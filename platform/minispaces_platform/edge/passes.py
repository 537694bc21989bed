"""Passes: short JWTs, each good for one app's host, that name the key they were made from.

The proxy checks them by `edge_key` alone, and looks the key up: a pass ends when its key does. Pure.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from joserfc import jwt
from joserfc.jwk import OctKey

from minispaces_platform.errors import MinispacesError
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.signing import sign

_KEY_LENGTH_MIN = 32
"""The proxy takes no pass where the key is shorter."""
_GROUPS_MAX = 400
"""Letters: a browser keeps no cookie of more than 4 KiB, and the groups stand in it twice."""
_HARMLESS = re.compile(r"[!#-\[\]-~]{1,200}")


class NoPassesError(MinispacesError):
    status = 503
    code = "no_passes"


@dataclass(frozen=True, slots=True)
class Visitor:
    """What an app that asks for it is told."""

    id: str
    name: str
    email: str = ""
    groups: Sequence[str] = ()


def session_key(session_id: str) -> str:
    return f"session:{session_id}"


def token_key(token_id: str) -> str:
    return f"token:{token_id}"


def hub_key() -> str:
    """The hub's own, for pictures of apps and what they say of their API."""
    return "hub:self"


def guest_key(link_id: str) -> str:
    return f"guest:{link_id}"


def make_pass(
    settings: PlatformSettings, *, host: str, key: str, seconds: float, visitor: Visitor | None = None
) -> str:
    """Raises NoPassesError where the installation has no key to sign with."""
    secret = settings.edge_key.get_secret_value()
    if len(secret) < _KEY_LENGTH_MIN:
        raise NoPassesError(
            "Apps that are not public cannot be opened on this installation yet.",
            hint=f"Its administrator must set MINISPACES_EDGE_KEY to {_KEY_LENGTH_MIN} letters or more.",
        )
    claims = {"aud": host, "sub": key, "exp": int(time.time() + seconds)}
    if visitor:
        claims |= _introduction(settings, visitor, host=host, expires=claims["exp"])
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))


def _introduction(settings: PlatformSettings, visitor: Visitor, *, host: str, expires: object) -> dict[str, str]:
    groups = fitting(visitor.groups)
    email = visitor.email if _HARMLESS.fullmatch(visitor.email) else ""
    said = {"preferred_username": visitor.name, "groups": groups, **({"email": email} if email else {})}
    who = {"iss": settings.hub_url, "aud": settings.url_of(host), "sub": visitor.id, "exp": expires, **said}
    plain = {"name": visitor.name, "groups": ",".join(groups), "identity": sign(settings, who)}
    return plain | ({"email": email} if email else {})


def fitting(groups: Sequence[str]) -> list[str]:
    """As many as a cookie has room for, in alphabetical order."""
    found: list[str] = []
    for group in sorted(groups):
        if sum(map(len, found)) + len(found) + len(group) > _GROUPS_MAX:
            break
        found.append(group)
    return found
