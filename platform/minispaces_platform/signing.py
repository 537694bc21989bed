"""Keys of this installation, made when first needed and kept under `data/keys`; and what is made with them.

Whoever reads that folder can speak for the installation: it belongs into backups and nowhere else.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from minispaces_platform.settings import PlatformSettings

ALGORITHM = "RS256"
_BITS = 2048
_NONCE_BYTES = 12


def sign(settings: PlatformSettings, claims: Mapping[str, Any]) -> str:
    """A JWT that whoever has `public_keys` can check."""
    key = _signing_key(settings.data / "keys" / "signing.json")
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, dict(claims), key)


def public_keys(settings: PlatformSettings) -> dict[str, Any]:
    """A JWK set without anything secret."""
    key = _signing_key(settings.data / "keys" / "signing.json")
    return dict(KeySet([key]).as_dict(private=False))


def derive_secret(settings: PlatformSettings, purpose: str, *of: str) -> str:
    """The same for the same words, and not to be guessed: nothing needs to be stored."""
    message = "\0".join((purpose, *of)).encode()
    return hmac.digest(_derivation_key(settings.data / "keys" / "derivation.key"), message, hashlib.sha256).hex()


def seal(settings: PlatformSettings, text: str, *, context: str) -> bytes:
    """Encrypted for this installation. Opens only with the same `context`: what it belongs to, such as a row's id."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _sealing_key(settings.data / "keys" / "sealing.key").encrypt(nonce, text.encode(), context.encode())


def unseal(settings: PlatformSettings, sealed: bytes, *, context: str) -> str:
    """Raises InvalidTag for what was sealed elsewhere, for something else, or changed since."""
    key = _sealing_key(settings.data / "keys" / "sealing.key")
    return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode()).decode()


@cache
def _signing_key(path: Path) -> RSAKey:
    return RSAKey.import_key(json.loads(_kept(path, _new_signing_key)))


@cache
def _derivation_key(path: Path) -> bytes:
    return _kept(path, lambda: secrets.token_bytes(32))


@cache
def _sealing_key(path: Path) -> AESGCM:
    return AESGCM(_kept(path, lambda: AESGCM.generate_key(256)))


def _new_signing_key() -> bytes:
    key = RSAKey.generate_key(_BITS, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    return json.dumps(key.as_dict(private=True)).encode()


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """The file's content, made by whichever process comes first: a link is there whole, or not at all."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_bytes()
