"""A provider with real keys behind a real server, which lies on demand. It speaks OpenID Connect and GitHub's API."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

Claims = dict[str, Any]


@cache
def a_key(kid: str = "one") -> RSAKey:
    """Made once per process: it takes a while."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@dataclass
class Provider:
    """`spoil` makes the id_token from good claims; None signs them as they are. `answers` replaces whole answers."""

    host: str = "127.0.0.1"
    issuer: str = ""
    client_id: str = "minispaces"
    client_secret: str = "hush"
    person: Claims = field(default_factory=lambda: {"sub": "1", "preferred_username": "Ada"})
    key: RSAKey = field(default_factory=a_key)
    spoil: "Callable[[Provider, Claims], str] | None" = None
    answers: dict[str, Any] = field(default_factory=dict)
    metadata: Claims = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    before_userinfo: Callable[[], Any] = lambda: None

    def sign(self, claims: Claims, *, alg: str = "RS256", key: Any = None, **header: Any) -> str:
        key = key or self.key
        head = {"alg": alg, "kid": key.kid, **header}
        return jwt.encode({name: value for name, value in head.items() if value is not None}, claims, key, [alg])

    def claims(self, nonce: str, access_token: str) -> Claims:
        now = int(time.time())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        return {
            "iss": self.issuer, "aud": self.client_id, "iat": now, "exp": now + 300, "nonce": nonce,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(), **self.person,
        }  # fmt: skip

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], headers: Any) -> tuple[int, Any]:
        self.asked.append(path)
        if path in self.answers:
            found = self.answers[path]
            return found if isinstance(found, tuple) else (200, found)
        match path:
            case "/authorize" | "/login/oauth/authorize":
                return 303, self.back(query)
            case "/token" | "/login/oauth/access_token":
                return self._token(form, headers.get("authorization", ""))
            case "/userinfo":
                self.before_userinfo()
                ours = headers.get("authorization", "") in {f"Bearer {token}" for token in self.tokens}
                return (200, self.person) if ours else (401, {})
        keys = {"keys": [self.key.as_dict(private=False)]}
        known = {"/.well-known/openid-configuration": self._discovery(), "/jwks": keys}
        return (200, known[path]) if path in known else (404, {})

    def _discovery(self) -> Claims:
        places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "leave"}
        addresses = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in places.items()}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **addresses, **self.metadata}

    def back(self, query: dict[str, str]) -> str:
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def _is_client(self, form: dict[str, str], authorization: str) -> bool:
        if not self.client_secret:
            return form.get("client_id") == self.client_id and not authorization
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        return authorization == f"Basic {basic}"

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if asked is None or not self._is_client(form, authorization) or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if asked["code_challenge"] != base64.urlsafe_b64encode(verifier).rstrip(b"=").decode():
            return 400, {"error": "invalid_grant"}
        token = secrets.token_urlsafe(16)
        self.tokens.append(token)
        answer = {"access_token": token, "token_type": "Bearer"}
        if "nonce" not in asked:
            return 200, answer
        claims = self.claims(asked["nonce"], token)
        return 200, {**answer, "id_token": self.spoil(self, claims) if self.spoil else self.sign(claims)}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        self._say(*self._ask({}))

    def do_POST(self) -> None:
        self._say(*self._ask(_first(self.rfile.read(int(self.headers["content-length"])).decode())))

    def _ask(self, form: dict[str, str]) -> tuple[int, Any]:
        parts = urlsplit(self.path)
        return self.provider.answer(parts.path, _first(parts.query), form, self.headers)

    def _say(self, status: int, body: Any) -> None:
        moved = status == 303
        text = b"" if moved else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Location" if moved else "Content-Type", body if moved else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    handler = type("Handler", (_Handler,), {"provider": provider})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        provider.issuer = f"http://{provider.host}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield provider
        server.shutdown()
        thread.join()


def _first(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
