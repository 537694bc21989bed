"""Is this id_token the provider's, for us, for this very sign-in? OpenID Connect Core 1.0, section 3.1.3.7."""

from collections.abc import Callable, Mapping
from typing import Any

from authlib.oauth2.claims import ClaimsOption
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from minispaces_platform.accounts.provider_client import MAX_ANSWER_BYTES, BadAnswerError
from minispaces_platform.accounts.providers import Provider

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures with a public key only, whatever a provider or a token's header says."""
LEEWAY_SECONDS = 60
_SUBJECT_MAX = 255

Keys = Callable[[bool], KeySet]
"""True asks for them anew."""


def verify_id_token(
    token: object, provider: Provider, *, keys: Keys, nonce: str, access_token: str
) -> Mapping[str, Any]:
    """Its claims. Raises BadAnswerError."""
    if not isinstance(token, str) or not token or len(token) > MAX_ANSWER_BYTES:
        raise BadAnswerError("no id_token, or one of a size that no id_token has")
    try:
        decoded = _decode(token, keys)
        wanted: dict[str, ClaimsOption] = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
            "sub": {"essential": True},
        }
        params = {"client_id": provider.client_id, "nonce": nonce, "access_token": access_token}
        claims = CodeIDToken(decoded.claims, decoded.header, wanted, params)
        claims.validate(leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadAnswerError(f"id_token: {_reason(error)}") from error
    check_subject(claims)
    return dict(claims)


def _decode(token: str, keys: Keys) -> jwt.Token:
    """A key that is not known may be a new one, so the provider is asked once more."""
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    registry.max_header_length = 8192
    try:
        return jwt.decode(token, keys(False), registry=registry)
    except InvalidKeyIdError:
        return jwt.decode(token, keys(True), registry=registry)


def check_subject(claims: Mapping[str, Any]) -> None:
    """Raises BadAnswerError. Section 2: at most 255 ASCII letters."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_MAX or not subject.isprintable():
        raise BadAnswerError("id_token: its subject is not a text of 1 to 255 letters")


def _reason(error: Exception) -> str:
    """Descriptions name claims and algorithms; a plain exception's text might quote the token."""
    return str(error) if isinstance(error, JoseError) else type(error).__name__
