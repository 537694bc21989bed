"""Browsers that sign in at a provider of the tests' own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient
from support.openid_provider import Provider, running

from minispaces_platform.accounts.providers import Provider as Configured
from minispaces_platform.models.accounts import Identity, LoginSession, User
from minispaces_platform.parts import Parts
from minispaces_platform.settings import PlatformSettings


@pytest.fixture
def idp() -> Iterator[Provider]:
    with running(Provider()) as made:
        yield made


@pytest.fixture
def other_idp() -> Iterator[Provider]:
    with running(Provider()) as made:
        yield made


def configured(provider: Provider, name: str = "company", **fields: Any) -> Configured:
    return Configured(
        name=name, issuer=provider.issuer, client_id=provider.client_id, client_secret=provider.client_secret, **fields
    )


@pytest.fixture
def rules() -> dict[str, Any]:
    """What a test's provider is configured with besides."""
    return {}


@pytest.fixture
def settings(
    tmp_path: Path, redis_socket: Path, idp: Provider, other_idp: Provider, rules: dict[str, Any]
) -> PlatformSettings:
    providers = (configured(idp, **rules), configured(other_idp, "other"))
    return PlatformSettings(data=tmp_path, redis_url=f"unix://{redis_socket}", providers=providers)


@dataclass
class Browser:
    """A jar of cookies and two hands."""

    client: TestClient
    provider: Provider

    def begin(self, path: str = "/login/with/company") -> str:
        """The provider's address, where it was sent."""
        answer = self.client.get(path)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def agree(self, address: str) -> str:
        """The callback's path, where the provider sends the browser back to."""
        back = urlsplit(httpx2.get(address).headers["location"])
        return f"{back.path}?{back.query}"

    def sign_in(self, path: str = "/login/with/company") -> Any:
        return self.client.get(self.agree(self.begin(path)))

    @property
    def name(self) -> str | None:
        """Who the hub says they are."""
        text = self.client.get("/login").text
        return text.partition("signed in as <strong>")[2].partition("<")[0] or None


@pytest.fixture
def new_browser(app: FastAPI, idp: Provider) -> Callable[[], Browser]:
    def make() -> Browser:
        headers = {"Accept": "text/html", "Origin": "http://localhost:8080"}
        client = TestClient(app, "http://localhost:8080", headers=headers, follow_redirects=False)
        return Browser(client, idp)

    return make


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    return new_browser()


@dataclass
class People:
    parts: Parts

    def named(self, name: str) -> User:
        with self.parts.database.reading() as session:
            return session.scalars(select(User).where(User.name == name)).one()

    @property
    def names(self) -> list[str]:
        with self.parts.database.reading() as session:
            return sorted(session.scalars(select(User.name)))

    @property
    def identities(self) -> set[tuple[str, str]]:
        with self.parts.database.reading() as session:
            return {(row.issuer, row.subject) for row in session.scalars(select(Identity))}

    @property
    def live_sessions(self) -> int:
        with self.parts.database.reading() as session:
            return len(session.scalars(select(LoginSession).where(LoginSession.ended_at.is_(None))).all())


@pytest.fixture
def people(parts: Parts) -> People:
    return People(parts)
