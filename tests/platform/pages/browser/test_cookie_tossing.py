"""An app plants cookies for the domain above it and the hub (threat T1); whose session it is must not change."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from support.certificates import issue_certificates
from support.served import served

from minispaces_platform.settings import PlatformSettings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TOSSED = [
    "__Host-minispaces={}; Domain=mini.test; Path=/; Secure",
    "__Host-minispaces={}; Domain=mini.test; Path=/login; Secure",
    "__host-minispaces={}; Domain=mini.test; Path=/; Secure",
    "__HOST-minispaces={}; Domain=.mini.test; Path=/",
    "=__Host-minispaces={}; Domain=mini.test; Path=/; Secure",
    "__Host-minispaces ={}; Domain=mini.test; Path=/; Secure",
    " __Host-minispaces={}; Domain=mini.test; Path=/; Secure",
    "__Host-minispaces={}; Domain=hub.mini.test; Path=/; Secure",
    "__Secure-minispaces={}; Domain=mini.test; Path=/; Secure",
    "minispaces_session={}; Domain=mini.test; Path=/",
]
PAGE = "<!doctype html><title>app</title><script>{}</script>"


@pytest.fixture(params=["https", "http"])
def settings(request, tmp_path, redis_socket, listener) -> PlatformSettings:
    return PlatformSettings(
        data=tmp_path, redis_url=f"unix://{redis_socket}", port=listener.getsockname()[1], scheme=request.param,
        domain="hub.mini.test", apps_domain="apps.mini.test",
    )  # fmt: skip


@pytest.fixture
def hub(app, settings, listener, tmp_path: Path, tossed) -> Iterator[str]:
    """The hub, and on every other host an app that tosses cookies, as headers and from a script."""

    async def by_host(scope, receive, send):
        host = dict(scope.get("headers", ())).get(b"host", b"").decode()
        if scope["type"] != "http" or host.startswith("hub."):
            await app(scope, receive, send)
            return
        script = "".join(f"document.cookie = {cookie!r};" for cookie in tossed)
        headers = [(b"set-cookie", cookie.encode()) for cookie in tossed]
        await send(
            {"type": "http.response.start", "status": 200, "headers": [*headers, (b"content-type", b"text/html")]}
        )
        await send({"type": "http.response.body", "body": PAGE.format(script).encode()})

    issue_certificates(tmp_path)
    secure = {"ssl_certfile": str(tmp_path / "edge.pem")} if settings.scheme == "https" else {}
    with served(by_host, listener, **secure):
        yield settings.hub_url


@pytest.fixture
def tossed(world) -> list[str]:
    """Each with a session that is good: the attacker's own."""
    secret = world.start_session(world.add_user("eve"))
    return [cookie.format(secret) for cookie in TOSSED]


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(ignore_https_errors=True) as made:
        yield made


def test_no_cookie_of_an_app_makes_somebody_somebody_else(context, hub, settings, world, ada):
    page = context.new_page()
    page.goto(f"{hub}/login/{world.make_login_link(ada)}")
    page.get_by_role("button", name="Sign in as ada").click()
    expect(page.get_by_role("link", name="ada", exact=True)).to_be_visible()
    page.goto(settings.url_of("evil.apps.mini.test"))
    assert len(context.cookies(hub)) > 1
    page.goto(hub)
    assert "eve" not in page.inner_text("header").lower()
    if settings.scheme == "https":  # where names cannot be bound to a host, two claims for one cookie sign nobody in
        expect(page.get_by_role("link", name="ada", exact=True)).to_be_visible()
