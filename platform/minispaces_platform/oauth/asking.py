"""What a client asks for at the authorization endpoint, read and judged before anybody is shown anything. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from minispaces_platform.oauth import scopes
from minispaces_platform.oauth.clients import Client, may_return_to
from minispaces_platform.oauth.errors import BadClientError, OAuthError
from minispaces_platform.oauth.service import Return
from minispaces_platform.settings import PlatformSettings

FIELDS = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
    "response_mode", "prompt", "max_age",
)  # fmt: skip
_NONCE_MAX = 500
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Asked:
    client: Client
    scopes: tuple[str, ...]
    back: Return
    prompt: frozenset[str]
    max_age: int | None
    """Seconds since which they must have signed in."""


def understand(fields: Mapping[str, str], client: Client | None, settings: PlatformSettings) -> Asked:
    """Raises BadClientError when there is nowhere safe to return to, OAuthError with the way back otherwise."""
    if client is None:
        raise BadClientError(
            "No app with this client id signs people in here.",
            hint="If it is yours: its README.md needs `hf_oauth: true`, and a Space that was taken down asks nobody.",
        )
    uri = fields.get("redirect_uri", "")
    if not may_return_to(client, uri, settings):
        raise BadClientError(
            "An app asked to send you to an address that is not its own, so you stay here.",
            hint="If it is yours: redirect_uri must be a page of the Space's own host.",
        )
    for word, why in _objections(fields, client):
        raise OAuthError(word, why, back=refused(fields, settings, word=word, why=why))
    return Asked(
        client,
        scopes.split(scopes.join((*scopes.ALWAYS, fields.get("scope", "")))),
        Return(uri, fields.get("code_challenge", ""), fields.get("nonce", "")),
        prompt=frozenset(fields.get("prompt", "").split()),
        max_age=int(fields["max_age"]) if "max_age" in fields else None,
    )


def _objections(fields: Mapping[str, str], client: Client) -> Iterator[tuple[str, str]]:
    """What is wrong, as the protocol's word and a sentence."""
    challenge = fields.get("code_challenge")
    if fields.get("response_type") != "code":
        yield "unsupported_response_type", "response_type must be code."
    if fields.get("response_mode", "query") != "query":
        yield "invalid_request", "response_mode must be query."
    if "request" in fields or "request_uri" in fields:
        yield "request_not_supported", "Request objects are not taken."
    if challenge is None and (client.space is None or "code_challenge_method" in fields):
        yield "invalid_request", "PKCE is needed: code_challenge with code_challenge_method=S256."
    if challenge is not None and (fields.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge)):
        yield "invalid_request", "code_challenge_method must be S256, and code_challenge its 43 letters."
    if too_much := [scope for scope in scopes.split(fields.get("scope", "")) if scope not in client.scopes]:
        yield "invalid_scope", f"hf_oauth_scopes in README.md does not name {', '.join(too_much)}."
    if len(fields.get("nonce", "")) > _NONCE_MAX or not re.fullmatch(r"[0-9]{1,9}", fields.get("max_age", "0")):
        yield "invalid_request", "nonce is too long, or max_age is no number."


def refused(fields: Mapping[str, str], settings: PlatformSettings, *, word: str, why: str) -> str:
    return _back(fields, settings, error=word, error_description=why)


def allowed(fields: Mapping[str, str], settings: PlatformSettings, *, code: str) -> str:
    return _back(fields, settings, code=code)


def _back(fields: Mapping[str, str], settings: PlatformSettings, **answer: str) -> str:
    """With the issuer, so that a client of several providers cannot be told one's answer for another's (RFC 9207)."""
    state = {"state": fields["state"]} if "state" in fields else {}
    uri = fields["redirect_uri"]
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer | state | {'iss': settings.hub_url})}"
