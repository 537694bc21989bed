"""What OpenID providers say of themselves: their addresses and keys, asked for once an hour."""

import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey
from pydantic import BaseModel, ConfigDict, ValidationError

from minispaces_platform.accounts.provider_client import BadAnswerError, ProviderClient, ask_object
from minispaces_platform.accounts.providers import Provider

KEPT_SECONDS = 3600
REST_SECONDS = 15
"""After a failure nobody waits for a provider that is away: strangers could keep all our threads waiting."""
_KEY_KINDS: dict[str, type[Key]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
"""Never `oct`: a shared secret among public keys would let anybody sign."""
_KEYS_MAX = 50
T = TypeVar("T")


class Metadata(BaseModel):
    """OpenID Connect Discovery 1.0, section 3; only what is used."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Directory:
    """Remembers by issuer. Two threads that ask at once both ask the provider, which is harmless."""

    def __init__(self) -> None:
        self._metadata: dict[str, tuple[float, Metadata]] = {}
        self._keys: dict[str, tuple[float, KeySet]] = {}
        self._failures: dict[str, tuple[float, str]] = {}

    def metadata(self, client: ProviderClient, provider: Provider) -> Metadata:
        """Raises BadAnswerError; httpx2.HTTPError when nobody answers."""
        failed_at, reason = self._failures.get(provider.issuer, (-REST_SECONDS, ""))
        if time.monotonic() - failed_at < REST_SECONDS:
            raise httpx2.ConnectError(f"failed a moment ago: {reason}")
        try:
            return _kept(self._metadata, provider.issuer, lambda: _discover(client, provider))
        except httpx2.TransportError as error:
            self._failures[provider.issuer] = (time.monotonic(), type(error).__name__)
            raise

    def keys(self, client: ProviderClient, provider: Provider, *, anew: bool = False) -> KeySet:
        """`anew` for a key that is not among those remembered."""
        if anew:
            self._keys.pop(provider.issuer, None)
        address = self.metadata(client, provider).jwks_uri
        return _kept(self._keys, provider.issuer, lambda: _key_set(ask_object(client, address).get("keys")))


def _kept(known: dict[str, tuple[float, T]], issuer: str, ask: Callable[[], T]) -> T:
    asked_at, answer = known.get(issuer, (0.0, None))
    if answer is None or time.monotonic() - asked_at > KEPT_SECONDS:
        answer = ask()
        known[issuer] = (time.monotonic(), answer)
    return answer


def _discover(client: ProviderClient, provider: Provider) -> Metadata:
    answer = ask_object(client, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    try:
        metadata = Metadata.model_validate(answer)
    except ValidationError as error:
        raise BadAnswerError(f"discovery: {error.error_count()} fields are missing or of the wrong kind") from error
    if metadata.issuer != provider.issuer:
        raise BadAnswerError(f"the issuer calls itself {metadata.issuer[:400]!r}, the settings say {provider.issuer!r}")
    _check_endpoints(metadata, provider)
    return metadata


def _check_endpoints(metadata: Metadata, provider: Provider) -> None:
    """Raises BadAnswerError for an address that an encrypted provider would not have."""
    needed = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
    optional = (metadata.userinfo_endpoint, metadata.end_session_endpoint)
    schemes = {"https"} if provider.is_encrypted else {"https", "http"}
    for address in (*needed, *filter(None, optional)):
        if urlsplit(address).scheme not in schemes or not urlsplit(address).netloc:
            raise BadAnswerError(f"discovery: {address[:200]!r} is no address to go to")


def _key_set(written: object) -> KeySet:
    """Those that may verify; what is not understood is stepped over (RFC 7517, section 5)."""
    if not isinstance(written, list):
        raise BadAnswerError("the key set is not a list")
    keys = [key for each in written[:_KEYS_MAX] if (key := _key(each))]
    if not keys:
        raise BadAnswerError("the key set holds no key that can verify")
    return KeySet(keys)


def _key(written: object) -> Key | None:
    if not isinstance(written, dict) or written.get("use", "sig") != "sig":
        return None
    kind = _KEY_KINDS.get(str(written.get("kty")))
    try:
        return kind.import_key(written) if kind else None
    except (JoseError, ValueError, TypeError):
        return None
