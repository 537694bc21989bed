"""The authorization code flow with PKCE, through Authlib: where to send the browser, and what its return proves."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx2
from authlib.common.errors import AuthlibBaseError

from minispaces_platform.accounts import github
from minispaces_platform.accounts.attempts import Attempt
from minispaces_platform.accounts.claims import Person, person_of
from minispaces_platform.accounts.directory import Directory, Metadata
from minispaces_platform.accounts.id_tokens import verify_id_token
from minispaces_platform.accounts.provider_client import (
    TIMEOUT,
    BadAnswerError,
    ProviderAwayError,
    ProviderClient,
    ask_object,
)
from minispaces_platform.accounts.providers import Provider, ProviderKind

T = TypeVar("T")


def address_to_begin(provider: Provider, directory: Directory, attempt: Attempt, *, redirect_uri: str) -> str:
    """Raises ProviderAwayError and BadAnswerError."""
    with _client(provider, redirect_uri) as client:
        authorize = _ask(lambda: _endpoints(client, provider, directory)[0], provider)
        extra = {} if provider.kind is ProviderKind.GITHUB else {"nonce": attempt.nonce}
        address, _ = client.create_authorization_url(
            authorize, state=attempt.state, code_verifier=attempt.verifier, **extra
        )
    return str(address)


def finish(
    provider: Provider, directory: Directory, attempt: Attempt, *, answer: Mapping[str, str], redirect_uri: str
) -> Person:
    """Who came back with `answer`, the callback's parameters. Raises ProviderAwayError and BadAnswerError."""
    with _client(provider, redirect_uri) as client:
        return _ask(lambda: person_of(provider, _claims(client, provider, directory, attempt, answer=answer)), provider)


def logout_address(provider: Provider, directory: Directory, *, back_to: str) -> str | None:
    """Where one signs out of the provider too; None where it has no such page, or does not answer."""
    if provider.kind is ProviderKind.GITHUB:
        return None
    with _client(provider, "") as client:
        try:
            end = directory.metadata(client, provider).end_session_endpoint
        except (httpx2.HTTPError, BadAnswerError):
            return None
    query = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": back_to})
    return f"{end}{'&' if '?' in end else '?'}{query}" if end else None


def _client(provider: Provider, redirect_uri: str) -> ProviderClient:
    return ProviderClient(
        provider.client_id,
        provider.client_secret.get_secret_value() or None,
        scope=" ".join(provider.scopes),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        timeout=TIMEOUT,
        follow_redirects=False,
    )


def _endpoints(client: ProviderClient, provider: Provider, directory: Directory) -> tuple[str, str]:
    if provider.kind is ProviderKind.GITHUB:
        return github.endpoints(provider)
    metadata = directory.metadata(client, provider)
    return metadata.authorization_endpoint, metadata.token_endpoint


def _claims(
    client: ProviderClient, provider: Provider, directory: Directory, attempt: Attempt, *, answer: Mapping[str, str]
) -> Mapping[str, Any]:
    if provider.kind is ProviderKind.GITHUB:
        _fetch_token(client, github.endpoints(provider)[1], attempt, answer)
        return github.ask_github(client, provider)
    metadata = directory.metadata(client, provider)
    _check_issuer(metadata, answer)
    client.token_endpoint_auth_method = _auth_method(provider, metadata)
    token = _fetch_token(client, metadata.token_endpoint, attempt, answer)
    claims = verify_id_token(
        token.get("id_token"),
        provider,
        keys=lambda anew: directory.keys(client, provider, anew=anew),
        nonce=attempt.nonce,
        access_token=token["access_token"],
    )
    return {**_userinfo(client, metadata, claims), **claims}


def _check_issuer(metadata: Metadata, answer: Mapping[str, str]) -> None:
    """RFC 9207: an answer of another provider must not be taken to this one's token endpoint."""
    said = answer.get("iss")
    if said != metadata.issuer and (said is not None or metadata.authorization_response_iss_parameter_supported):
        raise BadAnswerError("the callback's `iss` is not this provider")


def _auth_method(provider: Provider, metadata: Metadata) -> str:
    if not provider.client_secret.get_secret_value():
        return "none"
    offered = metadata.token_endpoint_auth_methods_supported
    return "client_secret_post" if "client_secret_basic" not in offered else "client_secret_basic"


def _fetch_token(
    client: ProviderClient, address: str, attempt: Attempt, answer: Mapping[str, str]
) -> Mapping[str, Any]:
    token: Mapping[str, Any] = client.fetch_token(
        address, grant_type="authorization_code", code=answer["code"], code_verifier=attempt.verifier
    )
    if not isinstance(token.get("access_token"), str) or str(token.get("token_type", "")).lower() != "bearer":
        raise BadAnswerError("the token endpoint gave no bearer token")
    return token


def _userinfo(client: ProviderClient, metadata: Metadata, claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """Many providers tell names and groups only there."""
    if not metadata.userinfo_endpoint:
        return {}
    told = ask_object(client, metadata.userinfo_endpoint, with_token=True)
    if told.get("sub") != claims["sub"]:
        raise BadAnswerError("userinfo is about somebody else than the id_token")
    return told


def _ask(question: Callable[[], T], provider: Provider) -> T:
    """Converts what the outside may throw, once."""
    try:
        return question()
    except httpx2.TransportError as error:
        raise ProviderAwayError(
            f"{provider.title} does not answer.", hint="Try again in a minute, or sign in another way."
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, AuthlibBaseError, ValueError, TypeError) as error:
        raise BadAnswerError(f"{type(error).__name__}: {getattr(error, 'error', '')}"[:200]) from error
