"""Secrets that prove something: made here, shown once, stored as their digest."""

import hashlib
import secrets
import zlib

TOKEN_PREFIX = "msp_"  # noqa: S105 - not a secret: what secret scanners look for
OAUTH_PREFIX = "msp_oauth_"
_CHECK_DIGITS = 6


def digest(secret: str) -> str:
    """SHA-256 is enough for 256 random bits; a slow hash would only slow git down. The proxy computes it too."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()


def new_secret() -> str:
    """256 random bits in 43 letters that any address may hold."""
    return secrets.token_urlsafe(32)


def new_token(prefix: str = TOKEN_PREFIX) -> str:
    """A secret with a beginning to search for and an end that tells a mistyped one without a look at the database."""
    token = f"{prefix}{new_secret()}"
    return f"{token}{_check(token.removeprefix(TOKEN_PREFIX))}"


def is_well_formed(token: str) -> bool:
    """Whether `token` may be one of ours at all."""
    body, check = token.removeprefix(TOKEN_PREFIX)[:-_CHECK_DIGITS], token[-_CHECK_DIGITS:]
    return token.startswith(TOKEN_PREFIX) and token.isascii() and _check(body) == check


def _check(body: str) -> str:
    return f"{zlib.crc32(body.encode()) & 0xFFFFFF:06x}"
