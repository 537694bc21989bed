"""The whole flow with the certified oidc-provider, by hand and in Chromium."""

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from support.browser import open_chromium
from support.certified_provider import Certified, certified_provider
from support.names import names_leading_here
from support.served import served

from minispaces_platform.accounts.providers import Provider
from minispaces_platform.models.accounts import Identity
from minispaces_platform.models.namespaces import Organization
from minispaces_platform.settings import PlatformSettings

pytestmark = [pytest.mark.network, pytest.mark.node]


def configured(certified: Certified) -> Provider:
    return Provider(
        name="company", label="Company", issuer=certified.issuer, client_id=certified.client_id,
        client_secret=certified.client_secret, scopes=("openid", "profile", "email", "groups"),
        organizations={"ml": "research:write"}, allowed_domains={"example.test"},
    )  # fmt: skip


class TestByHand:
    @pytest.fixture
    def settings(self, tmp_path: Path, redis_socket: Path) -> Iterator[PlatformSettings]:
        with certified_provider("http://localhost:8080") as certified:
            yield PlatformSettings(
                data=tmp_path, redis_url=f"unix://{redis_socket}", providers=(configured(certified),)
            )  # fmt: skip

    def test_signs_in_with_name_email_and_groups(self, browser, parts):
        with httpx2.Client(follow_redirects=True) as elsewhere:
            page = elsewhere.get(browser.begin())
            for form in ({"prompt": "login", "login": "grace", "password": "x"}, {"prompt": "consent"}):
                action = re.search(r'action="([^"]+)"', page.text)[1]
                page = _until_home(elsewhere, urljoin(str(page.url), action), form)
        back = urlsplit(str(page.headers["location"]))
        answer = browser.client.get(f"{back.path}?{back.query}")
        assert answer.status_code == 303, answer.text
        assert browser.name == "grace"
        with parts.database.reading() as session:
            identity = session.scalars(select(Identity)).one()
            assert (identity.subject, identity.email) == ("grace", "grace@example.test")
            assert session.scalars(select(Organization.name)).all() == ["research"]


def _until_home(client: httpx2.Client, address: str, form: dict[str, str]) -> httpx2.Response:
    """Follows the provider's own redirects, and stops at the one that leads to the hub."""
    answer = client.post(address, data=form, follow_redirects=False)
    while answer.is_redirect and urlsplit(answer.headers["location"]).netloc != "localhost:8080":
        answer = client.get(urljoin(str(answer.url), answer.headers["location"]), follow_redirects=False)
    return answer


@pytest.mark.browser
class TestInChromium:
    @pytest.fixture
    def listener(self) -> Iterator[socket.socket]:
        with closing(socket.create_server(("127.0.0.1", 0))) as made:
            yield made

    @pytest.fixture
    def settings(self, tmp_path: Path, redis_socket: Path, listener: socket.socket) -> Iterator[PlatformSettings]:
        """Names under `.test`, which the hub finds here as the browser does."""
        port = listener.getsockname()[1]
        hub = f"http://hub.test:{port}"
        with names_leading_here(".test"), certified_provider(hub, host="idp.test") as certified:
            yield PlatformSettings(
                data=tmp_path, redis_url=f"unix://{redis_socket}", domain="hub.test", apps_domain="apps.test",
                port=port, providers=(configured(certified),),
            )  # fmt: skip

    @pytest.fixture
    def hub(self, app: FastAPI, settings: PlatformSettings, listener: socket.socket) -> Iterator[str]:
        with served(app, listener):
            yield settings.hub_url

    @pytest.fixture
    def chromium(self) -> Iterator[Browser]:
        with open_chromium() as made:
            yield made

    @pytest.fixture
    def page(self, chromium: Browser, hub: str) -> Page:
        return chromium.new_page()

    def test_signs_in_makes_a_token_and_signs_out_on_both_sides(self, page, hub):
        page.goto(f"{hub}/login?next=/settings/account")
        page.get_by_role("link", name="Sign in with Company").click()
        page.locator("[name=login]").fill("grace")
        page.locator("[name=password]").fill("x")
        page.get_by_role("button", name="Sign-in").click()
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"{hub}/settings/account")
        assert page.get_by_text("by Company").count() == 1
        page.get_by_label("What it is for").fill("laptop")
        page.get_by_role("button", name="Make the token").click()
        assert page.get_by_label("The new access token").inner_text().startswith("msp_")
        page.get_by_role("button", name="Add an account at Company").click()
        page.wait_for_url(f"{hub}/settings/account")  # through the provider and back without a click
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("link", name="sign out of Company too").click()
        page.get_by_role("button", name="Yes, sign me out").click()
        page.wait_for_url(f"{hub}/login*")
        page.goto(f"{hub}/settings/account")
        assert "You are not signed in." in page.inner_text("main")
