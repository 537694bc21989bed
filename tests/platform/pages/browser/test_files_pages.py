"""Files in a browser: edited and seen building, dropped, looked at; and nothing hostile runs."""

import json
import re

import pytest
from playwright.sync_api import expect

from minispaces_platform.repos.changes import Put

pytestmark = pytest.mark.browser

XSS = (
    "<script>window.xss=1</script><img src=x onerror=window.xss=1><svg onload=window.xss=1>[x](javascript:window.xss=1)"
)
CELL = {"cell_type": "code", "source": XSS, "outputs": [{"output_type": "display_data", "data": {"text/html": XSS}}]}
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9' onload='window.xss=1'>{XSS[:33]}</svg>"


@pytest.fixture
def space(world, ada, commit):
    made = world.add_space(ada, "hello", title="Hello")
    commit(
        made,
        Put("app.py", b"def hello():\n    print('hello')\n"),
        Put("README.md", f"---\nsdk: static\n---\n{XSS}\n\n{SVG}\n".encode()),
        Put("x.ipynb", json.dumps({"cells": [CELL, {**CELL, "cell_type": "markdown"}]}).encode()),
        Put("x.svg", SVG.encode()),
        Put("x.html", XSS.encode()),
    )
    return made


@pytest.fixture
def own(page, world, hub, ada):
    """The page, signed in as ada."""
    page.goto(f"{hub}/login/{world.make_login_link(ada)}")
    page.get_by_role("button", name="Sign in as ada").click()
    return page


def test_a_file_is_edited_with_the_keyboard_and_its_build_is_seen(own, hub, space, is_calm):
    own.goto(f"{hub}/spaces/ada/hello/blob/main/app.py")
    own.get_by_role("link", name="Edit").click()
    text = own.get_by_label("Content")
    expect(own.locator(".editor-gutter")).to_contain_text("3")
    text.press("Control+End")
    text.type("for x in y:\nhello()")
    text.press("Home")
    text.press("Tab")
    text.press("End")
    text.press("Enter")
    text.type("pass")
    expect(text).to_have_value(re.compile(r"for x in y:\n {4}hello\(\)\n {4}pass$"))
    is_calm()
    text.press("Control+s")
    own.wait_for_url("**/logs")
    expect(own.get_by_text("v2", exact=True).first).to_be_visible()
    own.goto(f"{hub}/spaces/ada/hello/blob/main/app.py")
    expect(own.locator("#L5")).to_contain_text("pass")


def test_unsaved_text_is_not_left_without_a_word(own, hub, space):
    own.goto(f"{hub}/spaces/ada/hello/edit/main/app.py")
    own.get_by_label("Content").press("x")
    asked = []
    own.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    own.get_by_role("link", name="Cancel").click()
    own.wait_for_function("document.querySelector('textarea')")
    assert asked == ["beforeunload"]
    assert "/edit/" in own.url


def test_dropped_files_keep_their_names_and_are_committed(own, hub, space):
    own.goto(f"{hub}/spaces/ada/hello/upload/main")
    own.get_by_label("Drop files").set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": b"x" * 2000} for name in ("one.txt", "two.txt")]
    )
    expect(own.locator(".drop-list li")).to_have_text(["one.txt2 kB", "two.txt2 kB"])
    own.get_by_role("button", name="Upload").click()
    own.wait_for_url("**/logs")
    own.goto(f"{hub}/spaces/ada/hello/tree/main")
    expect(own.get_by_role("link", name="two.txt")).to_be_visible()


def test_a_permanent_address_is_one_key_away(page, hub, space):
    page.goto(f"{hub}/spaces/ada/hello/blob/main/app.py")
    page.locator("#L2").click(position={"x": 10, "y": 5})
    expect(page).to_have_url(re.compile(r"/blob/main/app.py#L2$"))
    page.keyboard.press("y")
    expect(page).to_have_url(re.compile(r"/blob/[0-9a-f]{40}/app.py#L2$"))


def test_nothing_hostile_runs_and_nobody_else_is_asked(page, hub, space, watch):
    shown = ["tree/main", "blob/main/README.md", "blob/main/x.ipynb", "blob/main/x.svg", "blob/main/x.html"]
    shown += ["raw/main/x.svg", "raw/main/x.html", "blame/main/x.html", "blob/main/x.ipynb?plain=true"]
    for path in shown:
        page.goto(f"{hub}/spaces/ada/hello/{path}", wait_until="load")
        assert page.evaluate("window.xss") is None, path
    assert watch.strangers(hub) == []


CALM = ["tree/main", "blob/main/app.py", "edit/main/app.py", "upload/main", "commits/main", "blame/main/app.py"]


def test_nothing_moves_or_sticks_out(own, hub, space):
    for width in (390, 1280):
        own.set_viewport_size({"width": width, "height": 800})
        for path in [*CALM, "versions", "versions/compare?from=0&to=1"]:
            own.goto(f"{hub}/spaces/ada/hello/{path}", wait_until="load")
            assert own.evaluate("document.documentElement.scrollWidth") <= width, path
            assert own.evaluate("window.shifts") == [], path


def test_a_file_is_written_without_javascript(chromium, hub, world, ada, space):
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{hub}/login/{world.make_login_link(ada)}")
    page.get_by_role("button", name="Sign in as ada").click()
    page.goto(f"{hub}/spaces/ada/hello/new/main")
    page.get_by_label("Path of the file").fill("notes/first.txt")
    page.get_by_label("Content").fill("By hand.")
    page.get_by_role("button", name="Commit").click()
    page.goto(f"{hub}/spaces/ada/hello/blob/main/notes/first.txt")
    expect(page.locator("#L1")).to_have_text("By hand.")
    page.context.close()
