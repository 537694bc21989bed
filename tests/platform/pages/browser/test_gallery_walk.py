"""The gallery by keyboard, while typing, and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from minispaces_contract.states import Sdk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def demos(world, ada):
    for number, name in enumerate(("whisper", "tables", "maps", "chess", "palette")):
        sdk = Sdk.STATIC if number % 2 else Sdk.GRADIO
        world.add_live_space(ada, name, title=name.capitalize(), sdk=sdk, tags=("games",) if name == "chess" else ())


def test_results_come_while_typing_and_the_keyboard_goes_through_them(page, hub, demos, is_calm):
    page.goto(hub)
    cards = page.locator("#results .card")
    expect(cards).to_have_count(5)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("whis")
    expect(cards).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/\?q=whis$"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-card]", has_text="Whisper")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("s")
    page.keyboard.press("Backspace")
    expect(cards).to_have_count(5)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-card]").nth(1)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("searchbox")).to_be_focused()
    is_calm()


def test_a_filter_keeps_what_was_typed_and_more_comes_below(page, hub, demos, monkeypatch, is_calm):
    monkeypatch.setattr("minispaces_platform.gallery.queries.PAGE_SIZE", 2)
    page.goto(hub)
    page.get_by_role("link", name="Show more").click()
    expect(page.locator("#results .card")).to_have_count(4)
    page.get_by_role("link", name="Show more").click()
    expect(page.locator("#results .card")).to_have_count(5)
    expect(page.get_by_role("link", name="Show more")).to_have_count(0)
    page.get_by_role("searchbox").fill("chess")
    expect(page.locator("#results .card")).to_have_count(1)
    page.get_by_role("link", name="Static").click()
    page.wait_for_url(re.compile(r"sdk=static.*q=chess|q=chess.*sdk=static"))  # and until its scripts have run
    expect(page.locator("#results .card")).to_have_count(1)
    page.get_by_label("State").select_option("failed")
    expect(page.get_by_text("No Space matches.")).to_be_visible()
    assert page.get_by_role("searchbox").input_value() == "chess"


def test_it_works_without_scripts(chromium, hub, demos):
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(hub)
        page.get_by_role("searchbox").fill("maps")
        page.get_by_role("searchbox").press("Enter")
        expect(page.locator("#results .card")).to_have_count(1)
        page.get_by_role("link", name="Clear filters").click()
        expect(page.locator("#results .card")).to_have_count(5)


@pytest.fixture
def as_ada(context, hub, world, ada):
    context.add_cookies([{"name": "minispaces_session", "value": world.start_session(ada), "url": hub}])


@pytest.mark.usefixtures("as_ada", "demos")
def test_liking_changes_the_button_and_the_sum_in_place(page, hub, is_calm):
    page.goto(f"{hub}/spaces/ada/chess/likers")
    for pressed, likes in (("true", "1"), ("false", "0")):
        page.get_by_role("button", name="Like").click()
        expect(page.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", pressed)
        expect(page.locator("[data-like-count]")).to_have_text(likes)
    is_calm()
