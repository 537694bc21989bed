"""The hub behind a real server on a free port, and Chromium before it."""

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from support.browser import open_chromium
from support.served import served

from minispaces_platform.settings import PlatformSettings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", action="store_true", help="write pictures of the pages to docs/screenshots")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pictures are no test: without the option they are not even skipped."""
    wanted = config.getoption("--screenshots", default=False)
    return True if collection_path.name == "test_screenshots.py" and not wanted else None


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path, redis_socket: Path, listener: socket.socket) -> PlatformSettings:
    return PlatformSettings(data=tmp_path, redis_url=f"unix://{redis_socket}", port=listener.getsockname()[1])


@pytest.fixture
def hub(app: FastAPI, settings: PlatformSettings, listener: socket.socket) -> Iterator[str]:
    with served(app, listener):
        yield settings.hub_url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@dataclass
class Watch:
    """What went wrong, and what was asked for, while a page was open."""

    errors: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def strangers(self, hub: str) -> list[str]:
        apps = re.compile(r"http://[a-z0-9-]+\.apps\.localhost:\d+/")
        return [url for url in self.addresses if not url.startswith(hub + "/") and not apps.match(url)]


APP = "<!doctype html><title>app</title><body style='font:16px sans-serif;padding:2rem'><h1>Hello from the app</h1>"


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Apps answer with a small page of their own; no runner is needed for what is tested here."""
    made = chromium.new_context()
    made.route(re.compile(r"\.apps\.localhost"), lambda route: route.fulfill(body=APP, content_type="text/html"))
    yield made
    made.close()


@pytest.fixture
def watch() -> Watch:
    return Watch()


def _words(message: ConsoleMessage) -> str:
    """With the address it is about: "Failed to load resource" alone helps nobody."""
    return f"{message.text} {message.location['url']}"


@pytest.fixture
def page(context: BrowserContext, watch: Watch, hub: str) -> Page:
    made = context.new_page()
    made.on("console", lambda message: watch.errors.append(_words(message)) if message.type == "error" else None)
    made.on("pageerror", lambda error: watch.errors.append(str(error)))
    made.on("request", lambda request: watch.addresses.append(request.url))
    made.add_init_script(
        "window.shifts = []; new PerformanceObserver(list => { for (const e of list.getEntries())"
        " window.shifts.push([e.value, e.sources.map(s => s.node?.className ?? '').join()]) })"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    return made


@pytest.fixture
def is_calm(page: Page, watch: Watch, hub: str):
    """Nothing moved, nothing complained, nobody else was asked."""

    def check() -> None:
        assert page.evaluate("window.shifts") == []
        assert watch.errors == []
        assert watch.strangers(hub) == []

    return check
