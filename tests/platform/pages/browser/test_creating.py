"""Making a Space in a browser: from a folder of one's own, with its paths, and deleting it again."""

import subprocess

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from minispaces_platform.models.imports import Import, ImportStatus
from minispaces_platform.models.spaces import Space

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.mark.parametrize("width", [1280, 390])
def test_a_folder_becomes_a_space_and_goes_again(*, page, hub, world, ada, parts, tmp_path, is_calm, width):
    folder = tmp_path / "demo"
    (folder / "css").mkdir(parents=True)
    (folder / "README.md").write_text("---\nsdk: static\ntitle: From a folder\n---\n")
    (folder / "css" / "page.css").write_text("p {}")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{hub}/login/{world.make_login_link(ada)}")
    page.get_by_role("button", name="Sign in as ada").click()
    page.goto(f"{hub}/new-space")
    page.get_by_label("Name", exact=True).fill("mine")
    assert not page.get_by_label("A whole folder").is_visible()
    page.get_by_label("Your files").check()
    page.get_by_label("A whole folder").set_input_files(folder)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Make the Space").click()
    page.wait_for_url("**/spaces/ada/mine")
    assert page.get_by_role("heading", name="From a folder").is_visible()
    with parts.database.reading() as session:
        path = parts.store.path(session.scalars(select(Space)).one().id)
    listing = ["git", "--git-dir", str(path), "ls-tree", "-r", "--name-only", "main"]
    assert subprocess.check_output(listing, text=True).split() == ["README.md", "css/page.css"]
    page.goto(f"{hub}/spaces/ada/mine/settings#delete")
    page.get_by_label("Type ada/mine to delete it").fill("ada/mine")
    page.get_by_role("button", name="Delete for good").click()
    page.wait_for_url("**/ada")
    assert not path.exists()
    is_calm()


def test_an_import_is_followed_until_it_ends(*, page, hub, world, ada, parts):
    space = world.add_space(ada, "mine")
    with parts.database.writing() as session:
        session.add(started := Import(space_id=space.id, url="https://git.example.com/demo", words="Receiving 42 %"))
    page.goto(f"{hub}/login/{world.make_login_link(ada)}")
    page.get_by_role("button", name="Sign in as ada").click()
    page.goto(f"{hub}/spaces/ada/mine/import")
    expect(page.get_by_role("status")).to_have_text("Receiving 42 %")
    world.change(started, status=ImportStatus.DONE, words="README.md says: sdk static.")
    expect(page.get_by_role("link", name="Open the Space")).to_be_visible()
