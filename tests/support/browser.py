"""Debian's Chromium, calm: it asks nobody but the hosts of the tests, and those below `.test` lead here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

_STEADY = Path(__file__).with_name("steady_chromium.py")
_CALM = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-quic"]
_CALM += ["--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP *.test 127.0.0.1"]


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Not for a whole run: while Playwright is open its event loop counts as running, and anyio can start none."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_STEADY, args=_CALM)
        yield browser
        browser.close()
