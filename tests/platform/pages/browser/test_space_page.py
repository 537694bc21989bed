"""A Space's page at a browser: the app first, what it is about below, and everything as it changes."""

import pytest
from playwright.sync_api import expect

from minispaces_contract.states import BuildStatus
from minispaces_platform.models.roles import Visibility

pytestmark = pytest.mark.browser


def test_the_badge_and_the_visibility_follow_within_a_second(page, hub, world, ada, is_calm):
    space = world.add_live_space(ada, "hello")
    page.goto(f"{hub}/login/{world.make_login_link(ada)}")
    page.get_by_role("button", name="Sign in as ada").click()
    page.goto(f"{hub}/spaces/ada/hello")
    expect(page.locator(".status .badge")).to_have_text("Running")
    world.hint(world.add_build(space, BuildStatus.BUILDING).space_id)
    expect(page.locator(".status .badge")).to_have_text("Updating", timeout=1000)
    is_calm()
    world.change(space, visibility=Visibility.PRIVATE)
    expect(page.locator(".status .chip")).to_have_text("private", ignore_case=True, timeout=1000)


def test_a_mini_header_leaves_the_whole_window_to_the_app(page, hub, world, ada, is_calm):
    world.add_live_space(ada, "hello", mini_header=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{hub}/spaces/ada/hello")
    assert page.locator(".app-frame").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    page.locator(".space-menu summary").click()
    expect(page.get_by_role("link", name="Versions")).to_be_visible()
    is_calm()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_of_a_space_is_wider_than_its_window(page, hub, world, ada, width):
    world.add_live_space(ada, "hello", title="A rather long title of a demo that says all", tags=("medical", "x-ray"))
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("", "/use", "/versions"):
        page.goto(f"{hub}/spaces/ada/hello{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_another_page_shows_the_app_with_our_script(context, page, hub, world, ada):
    world.add_live_space(ada, "hello")
    shown = '<minispaces-app src="http://ada-hello.apps.localhost" height="300"></minispaces-app>'
    html = f'<script type="module" src="{hub}/embed.js"></script>{shown}'
    context.route("http://elsewhere.localhost/", lambda route: route.fulfill(body=html, content_type="text/html"))
    context.grant_permissions(["local-network-access"])  # what is fulfilled here comes from no network at all
    page.goto("http://elsewhere.localhost/")
    expect(page.frame_locator("minispaces-app iframe").get_by_role("heading")).to_have_text("Hello from the app")
    page.locator("minispaces-app").evaluate("each => each.setAttribute('src', 'javascript:alert(1)')")
    expect(page.locator("minispaces-app iframe")).to_have_count(0)
