"""Somebody at a real browser: a demo is found, used, its output flagged; it is liked, talked about and copied."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import open_chromium
from support.installation import Installation, Person, environment_for, installation

from .conftest import PROCESS

pytestmark = [pytest.mark.timeout(600), pytest.mark.browser]

README = "---\ntitle: Greetings\nsdk: gradio\nshort_description: Says hello to anybody\n---\n# Greetings\n"
APP = """
import gradio as gr


def greet(name):
    return f"Hello {name}!"


gr.Interface(greet, gr.Textbox(label="Name"), gr.Textbox(label="Greeting"), flagging_mode="manual").launch()
"""
SOON = 60_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@contextmanager
def signed_in(chromium: Browser, at: Installation, name: str) -> Iterator[Page]:
    link = re.search(r"/login/\S+", at.command("user", "login-link", name))
    assert link
    context = chromium.new_context(base_url=f"http://localhost:{at.port}")
    page = context.new_page()
    page.set_default_timeout(SOON)
    page.goto(link[0])
    page.get_by_role("button", name=f"Sign in as {name}").click()
    page.wait_for_url("/")
    yield page
    context.close()


@pytest.fixture(scope="module", params=[PROCESS])
def at(request: pytest.FixtureRequest) -> Iterator[Installation]:
    with installation("process", environment=environment_for(request)) as made:
        yield made


@pytest.fixture(scope="module")
def ada(at: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    made = at.add_person("ada")
    files = {"README.md": README, "app.py": APP}
    pushed = made.work_on("greetings", tmp_path_factory.mktemp("greetings"), files).push(seconds=500)
    assert pushed.returncode == 0, pushed.stderr
    yield made
    made.stop_apps()


@pytest.mark.usefixtures("ada")
def test_a_demo_is_found_used_flagged_liked_and_copied(chromium: Browser, at: Installation) -> None:
    at.command("user", "add", "grace")
    with signed_in(chromium, at, "grace") as page:
        find_and_use(page)
        like_and_talk(page)
        duplicate(page)


def find_and_use(page: Page) -> None:
    page.get_by_role("searchbox").fill("greet")
    expect(page.locator("#results .card")).to_have_count(1)
    page.get_by_role("link", name="Greetings").click()
    app = page.frame_locator(".app-frame")
    app.get_by_label("Name").fill("Grace")
    app.get_by_role("button", name="Submit").click()
    expect(app.get_by_label("Greeting")).to_have_value("Hello Grace!", timeout=SOON)
    app.get_by_role("button", name="Flag").click()
    expect(app.get_by_role("button", name="Flag", exact=True)).to_be_enabled(timeout=SOON)


def like_and_talk(page: Page) -> None:
    page.locator(".like-button").click()
    expect(page.locator("[data-like-count]").first).to_have_text("1")
    page.get_by_role("link", name="Discussions").click()
    page.get_by_role("link", name="New discussion").click()
    page.get_by_label("Title").fill("Could it say goodbye?")
    page.get_by_label("What is it about?").fill("That would be **polite**, @ada.")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("strong", has_text="polite")).to_be_visible()


def duplicate(page: Page) -> None:
    page.goto("/spaces/ada/greetings/duplicate")
    page.get_by_role("button", name="Duplicate").click()
    page.wait_for_url("**/spaces/grace/greetings")
