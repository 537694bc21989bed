"""Passes to apps, made here by hand: the rule of the wire, and not the platform's own code."""

import base64
import hashlib
import hmac
import json
import time

from minispaces_runner.settings import RunnerSettings


def make_pass(settings: RunnerSettings, *, key: str | None = None, algorithm: str = "HS256", **claims: object) -> str:
    """Good for the claims' `aud`, for an hour if they do not say."""
    secret = settings.edge_key.get_secret_value() if key is None else key
    head = _encode({"alg": algorithm, "typ": "JWT"})
    body = _encode({"exp": int(time.time()) + 3600, **claims})
    kind = {"HS256": hashlib.sha256, "HS512": hashlib.sha512}.get(algorithm)
    seal = hmac.new(secret.encode(), f"{head}.{body}".encode(), kind).digest() if kind else b""
    return f"{head}.{body}.{_text(seal)}"


def _encode(content: dict[str, object]) -> str:
    return _text(json.dumps(content).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
