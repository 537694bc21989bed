"""Two people and an admin at real browsers: a demo is found, used, flagged, liked, copied, edited and stopped."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import open_chromium
from support.installation import Installation, Person, environment_for, installation
from support.waiting import wait_for

from .conftest import PROCESS

pytestmark = [pytest.mark.timeout(900), pytest.mark.browser]

README = "---\ntitle: Greetings\nsdk: gradio\nshort_description: Says hello to anybody\n---\n# Greetings\n"
APP = """
import gradio as gr

hoard = b""


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


def test_a_demo_is_found_used_liked_copied_and_stopped(chromium: Browser, at: Installation, ada: Person) -> None:
    at.command("user", "add", "grace")
    at.command("user", "add", "root", "--admin")
    with signed_in(chromium, at, "grace") as page:
        find_and_use(page)
        like_and_talk(page)
        duplicate_and_edit(page)
    with signed_in(chromium, at, ada.name) as page:
        read_what_was_flagged(page)
    with signed_in(chromium, at, "root") as page:
        stop_what_eats_the_memory(page)


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


def duplicate_and_edit(page: Page) -> None:
    """What is edited in the browser answers in the frame."""
    page.goto("/spaces/ada/greetings/duplicate")
    page.get_by_role("button", name="Duplicate").click()
    page.wait_for_url("**/spaces/grace/greetings")
    page.goto("/spaces/grace/greetings/edit/main/app.py")
    code = page.get_by_label("Content").input_value()
    hoarding = code.replace('b""', 'b"x" * (300 << 20)').replace("Hello", "Goodbye")
    page.get_by_label("Content").fill(hoarding)
    page.get_by_role("button", name="Commit").click()
    expect(page).not_to_have_url(re.compile("/edit/"), timeout=SOON)
    page.goto("/spaces/grace/greetings")
    expect(page.locator(".status-version")).to_have_text("v2", timeout=5 * SOON)
    app = page.frame_locator(".app-frame")
    app.get_by_label("Name").fill("Ada")
    app.get_by_role("button", name="Submit").click()
    expect(app.get_by_label("Greeting")).to_have_value("Goodbye Ada!", timeout=SOON)


def read_what_was_flagged(page: Page) -> None:
    page.goto("/spaces/ada/greetings/feedback")
    wait_for(lambda: page.reload() and page.get_by_text("Hello Grace!").count(), seconds=60)


def stop_what_eats_the_memory(page: Page) -> None:
    """The dashboard refreshes itself; whoever takes most stands on top."""
    page.get_by_role("link", name="Admin").click()
    expect(page.locator(".uses .use").first).to_contain_text("grace/greetings", timeout=SOON)
    page.get_by_role("button", name="Stop grace/greetings").click()
    expect(page.get_by_role("status")).to_contain_text("told to stop")
    page.goto("/spaces/grace/greetings")
    expect(page.locator(".status .badge")).to_have_text("Stopped", timeout=SOON)
