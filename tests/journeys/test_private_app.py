"""From a fresh browser to a prediction in a private Gradio app, with real provider, hub, edge and app.

The names end in `.test`: browsers treat cookies of `*.localhost` in ways of their own, which hides faults.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.browser import open_chromium
from support.git import WorkingTree
from support.installation import Installation, Person, installation
from support.names import names_leading_here
from support.waiting import wait_for

pytestmark = [
    pytest.mark.browser,
    pytest.mark.network,
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the provider's own use of Authlib
]

APP = """
import gradio as gr

name, greeting = gr.Textbox(label="Name"), gr.Textbox(label="Greeting")
gr.Interface(lambda name: f"Hello {name}!", name, greeting, api_name="greet").launch()
"""
PEOPLE = [
    User(sub="eve", claims={"groups": ["lab"], "preferred_username": "eve"}),
    User(sub="bob", claims={"preferred_username": "bob"}),
]


@dataclass
class Company:
    """An installation that stays inside. Its provider says that `eve` is in the lab, whose Space is private."""

    at: Installation
    owner: Person
    space: str = "research/secret"

    @property
    def hub(self) -> str:
        return f"http://hub.mini.test:{self.at.port}"

    @property
    def app(self) -> str:
        return f"http://research-secret.apps.mini.test:{self.at.port}"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with run_server_in_thread(user_claims=PEOPLE) as server, names_leading_here(".test"):
        provider = {
            "name": "company", "label": "Company", "issuer": f"http://localhost:{server.server_port}",
            "client_id": "any", "client_secret": "any", "organizations": {"lab": "research:read"},
        }  # fmt: skip
        environment = {"MINISPACES_PROVIDERS": json.dumps([provider]), "MINISPACES_PUBLIC_SPACES": "false"}
        options = ("--no-welcome", "--domain", "hub.mini.test", "--apps-domain", "apps.mini.test")
        with installation("process", environment=environment, extra=options) as at:
            company = Company(at, at.add_person(f"u{uuid.uuid4().hex[:10]}"))
            at.command("org", "create", "research", "--admin", company.owner.name)
            push(company, tmp_path_factory.mktemp("work"))
            at.command("visibility", company.space, "private")
            yield company


def push(company: Company, folder: Path) -> None:
    who = f"{company.owner.name}:{company.owner.token}"
    remote = f"http://{who}@127.0.0.1:{company.at.port}/spaces/{company.space}"
    tree = WorkingTree(folder, remote, host=f"hub.mini.test:{company.at.port}")
    tree.begin()
    tree.commit({"README.md": "---\ntitle: Secret\nsdk: gradio\n---\n", "app.py": APP})
    done = tree.push()
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context() as context:
        yield context


def sign_in_at_provider(page: Page, name: str) -> None:
    page.get_by_role("link", name="Sign in with Company").click()
    page.locator("input[name=sub]").fill(name)
    page.locator("input[name=sub]").press("Enter")


def test_who_opens_the_app_is_led_through_the_provider_and_back_to_a_prediction(company, browser):
    page = browser.new_page()
    page.goto(f"{company.app}/?__theme=light")
    assert page.url.startswith(f"{company.hub}/")
    sign_in_at_provider(page, "eve")
    page.wait_for_url(f"{company.app}/**")
    page.get_by_label("Name").fill("Eve")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_label("Greeting")).to_have_value("Hello Eve!", timeout=20_000)


def test_in_its_frame_on_the_space_page_the_app_works_alike(company, browser):
    page = browser.new_page()
    page.goto(f"{company.hub}/login")
    sign_in_at_provider(page, "eve")
    page.get_by_role("button", name="Sign out").first.wait_for()
    page.goto(f"{company.hub}/spaces/{company.space}")
    frame = page.frame_locator(".app-frame")
    frame.get_by_label("Name").fill("Frame")
    frame.get_by_role("button", name="Submit").click()
    expect(frame.get_by_label("Greeting")).to_have_value("Hello Frame!", timeout=20_000)


def test_a_colleague_outside_of_the_lab_finds_nothing(company, browser):
    page = browser.new_page()
    page.goto(f"{company.hub}/login")
    sign_in_at_provider(page, "bob")
    page.get_by_role("button", name="Sign out").first.wait_for()
    for address in (f"{company.hub}/spaces/{company.space}", company.app, company.app.replace("secret", "nothing")):
        assert page.goto(address).status == 404
    page.goto(company.hub)
    assert "secret" not in page.content().lower()


def test_signing_out_closes_the_app_within_seconds(company, browser):
    page = browser.new_page()
    page.goto(f"{company.app}/")
    sign_in_at_provider(page, "eve")
    page.wait_for_url(f"{company.app}/**")
    cookies = {each["name"]: each["value"] for each in browser.cookies(company.app)}
    assert httpx2.get(f"{company.app}/config", cookies=cookies).status_code == 200
    page.goto(company.hub)
    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_role("link", name="Sign in").first.wait_for()
    wait_for(lambda: httpx2.get(f"{company.app}/config", cookies=cookies).status_code == 401, seconds=5)
