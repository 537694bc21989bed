"""Settings and administration in a browser: at rest, on a narrow screen, in both schemes, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from minispaces_platform.audit.service import COMMAND_LINE
from minispaces_platform.changes import changing
from minispaces_platform.models.accounts import User
from minispaces_platform.models.roles import Role, Visibility
from minispaces_platform.organizations import members, service
from minispaces_platform.spaces.collaborators import set_collaborator
from minispaces_platform.spaces.service import find_space_by_id
from minispaces_platform.spaces.takedown import put_back, take_down

pytestmark = pytest.mark.browser

PAGES = [
    "/ada", "/lab", "/settings/profile", "/organizations/new", "/organizations/lab/settings",
    "/spaces/ada/hello", "/spaces/ada/hello/settings", "/new-space", "/spaces/ada/hello/duplicate",
    "/admin/people", "/admin/people/grace", "/admin/spaces", "/admin/audit",
]  # fmt: skip


@pytest.fixture
def space(world, parts):
    ada, grace = world.add_user("ada", admin=True), world.add_user("grace-with-a-rather-long-name-for-one-person")
    world.add_user("grace")
    space = world.add_live_space(ada, "hello", title="Hello from a Space with a long title", emoji="👋")
    with parts.database.writing() as session:
        lab = service.create_organization(session, COMMAND_LINE, "lab", admin=ada, full_name="The laboratory of vision")
        members.add_member(session, COMMAND_LINE, lab, user=grace, role=Role.CONTRIBUTOR)
        found = find_space_by_id(session, space.id)
        set_collaborator(session, COMMAND_LINE, found, user=grace, role=Role.READ)
        found.visibility = Visibility.PROTECTED
    return space


def sign_in(page, world, hub, user):
    page.goto(f"{hub}/login/{world.make_login_link(user)}")
    page.get_by_role("button", name=f"Sign in as {user.name}").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_moves_or_sticks_out(*, page, hub, world, space, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, world, hub, owner_of(space, world))
    for path in PAGES:
        page.goto(hub + path)
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("window.shifts") == [], path


def test_everything_is_done_without_javascript(chromium, hub, world, space):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, world, hub, owner_of(space, world))
    page.goto(f"{hub}/spaces/ada/hello/settings")
    page.get_by_role("radio", name="Private").check()
    page.get_by_role("button", name="Save visibility").click()
    expect(page.get_by_role("status")).to_contain_text("the app went on running")
    page.get_by_label("New owner").fill("lab")
    page.get_by_label("Type ada/hello to confirm").fill("ada/hello")
    page.get_by_role("button", name="Transfer").click()
    expect(page).to_have_url(f"{hub}/spaces/lab/hello/settings?done=transfer")
    page.goto(f"{hub}/organizations/lab/settings")
    page.get_by_label("User name").fill("nobody")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no user 'nobody'")
    context.close()


def test_an_open_page_follows_a_takedown_and_its_end(page, hub, parts, world, space):
    sign_in(page, world, hub, owner_of(space, world))
    page.goto(f"{hub}/spaces/ada/hello")
    expect(page.locator("iframe")).to_be_visible()
    with changing(parts.database, parts.redis_sync) as session:
        take_down(session, COMMAND_LINE, find_space_by_id(session, space.id), reason="Shows addresses of customers.")
    expect(page.get_by_text("Shows addresses of customers.")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    with changing(parts.database, parts.redis_sync) as session:
        put_back(session, COMMAND_LINE, find_space_by_id(session, space.id))
    expect(page.locator("iframe")).to_be_visible()


def owner_of(space, world):
    with world.parts.database.reading() as session:
        return session.get_one(User, space.owner_id)
