"""An app that signs people in with the hub, as a plain OpenID client would: a browser before, a back channel behind."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from minispaces_contract.states import Sdk
from minispaces_platform.models.card import SpaceOAuth
from minispaces_platform.models.spaces import Space
from minispaces_platform.oauth.clients import client_id_of, secret_of

VERIFIER = "a-verifier-that-is-long-enough-to-be-one-of-43-letters"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class App:
    """`back` has no cookies: it is the app's own server."""

    space: Space
    back: TestClient
    id: str
    secret: str
    host: str = "http://bob-hello.apps.localhost:8080"

    @property
    def redirect_uri(self) -> str:
        return f"{self.host}/login/callback?_target_url=%2F"

    def asks(self, browser: TestClient, **extra: Any) -> Any:
        """The browser at the authorization endpoint."""
        fields = {
            "client_id": self.id, "redirect_uri": self.redirect_uri, "response_type": "code",
            "scope": "openid profile", "state": "s1", "nonce": "n1",
        }  # fmt: skip
        wanted = {name: value for name, value in (fields | extra).items() if value is not None}
        return browser.get("/oauth/authorize", params=wanted)

    def code(self, browser: TestClient, **extra: Any) -> str:
        """Allowed where that is still asked."""
        return sent_back(press(browser, self.asks(browser, **extra)))["code"]

    def redeems(self, code: str, **extra: Any) -> Any:
        return self.token(grant_type="authorization_code", code=code, redirect_uri=self.redirect_uri, **extra)

    def token(self, **fields: Any) -> Any:
        fields = {"client_id": self.id, "client_secret": self.secret} | fields
        return self.back.post("/oauth/token", data={name: value for name, value in fields.items() if value is not None})

    def signs_in(self, browser: TestClient, **extra: Any) -> dict[str, Any]:
        return self.redeems(self.code(browser, **extra)).json()


def press(browser: TestClient, page: Any, decision: str = "allow") -> Any:
    """The button of a consent page; an answer that is none is left as it is."""
    if page.status_code != 200:
        return page
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    sent = {name: unescape(value) for name, value in fields.items()}
    return browser.post("/oauth/authorize", data=sent | {"decision": decision})


def sent_back(answer: Any) -> dict[str, str]:
    """What the redirect to the app carries."""
    assert answer.status_code == 303, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


@pytest.fixture
def back(app: Any) -> Iterator[TestClient]:
    made = TestClient(app, "http://localhost:8080", follow_redirects=False)
    yield made
    made.close()


@pytest.fixture
def bob(world: Any) -> Any:
    return world.add_user("bob")


@pytest.fixture
def make_oauth_app(world: Any, back: TestClient, bob: Any, settings: Any) -> Any:
    def make(name: str = "hello", **asked: Any) -> App:
        space = world.add_space(bob, name, title="Hello", sdk=Sdk.GRADIO, oauth=SpaceOAuth(**asked))
        client_id = client_id_of(space)
        return App(
            space, back, client_id, secret_of(client_id, settings), f"http://{space.host_label}.apps.localhost:8080"
        )

    return make


@pytest.fixture
def hello(make_oauth_app: Any) -> App:
    return make_oauth_app(scopes=("email", "read-repos"))
