"""What moves on an open page, and what must not."""

import re

import pytest
from playwright.sync_api import expect

from minispaces_contract.logstream import Kind
from minispaces_contract.states import BuildStatus, InstanceStatus

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def as_ada(context, hub, world, ada):
    context.add_cookies([{"name": "minispaces_session", "value": world.start_session(ada), "url": hub}])
    return ada


def test_a_page_follows_a_first_push_from_building_to_the_app_itself(page, hub, world, ada, is_calm):
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.BUILDING)
    page.goto(f"{hub}/spaces/ada/hello")
    badge = page.locator(".status .badge")
    expect(badge).to_have_text("Building")
    deployment = world.add_deployment(build, InstanceStatus.STARTING)
    world.change(build, status=BuildStatus.SUCCEEDED)
    expect(badge).to_have_text("Starting", timeout=1000)
    world.change(deployment, observed=InstanceStatus.RUNNING)
    expect(badge).to_have_text("Running", timeout=1000)
    expect(page.frame_locator(".app-frame").locator("h1")).to_have_text("Hello from the app")
    is_calm()


def test_an_app_in_use_stays_as_it_is_until_its_person_wants_the_new_version(page, hub, world, ada, is_calm):
    space = world.add_live_space(ada, "hello")
    page.goto(f"{hub}/spaces/ada/hello")
    app = page.frame_locator(".app-frame").locator("h1")
    app.evaluate("heading => heading.textContent = 'In use'")
    world.add_deployment(world.add_build(space))
    world.hint(space.id)
    offer = page.get_by_role("button", name="Show the new version")
    offer.wait_for(timeout=2000)
    expect(page.locator(".status-version")).to_have_text("v2")
    expect(app).to_have_text("In use")
    is_calm()
    offer.click()
    expect(app).to_have_text("Hello from the app")


@pytest.mark.usefixtures("as_ada")
def test_log_lines_appear_as_they_are_written_and_the_result_when_they_end(page, hub, world, ada, is_calm):
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.BUILDING)
    world.write_build_log(build, "first line")
    page.goto(f"{hub}/spaces/ada/hello/logs")
    lines = page.locator(".log .log-line")
    expect(lines).to_have_text(["first line"])
    world.write_build_log(build, *(f"line {n}" for n in range(200)))
    expect(lines).to_have_count(201, timeout=2000)
    expect(lines.last).to_be_in_viewport()
    world.change(build, status=BuildStatus.FAILED, error="It broke.")
    world.write_build_log(build, "failed", kind=Kind.END)
    expect(page.locator(".logs-bar .badge")).to_have_text("Failed", timeout=2000)
    expect(lines).to_have_count(201)
    is_calm()


@pytest.mark.usefixtures("as_ada")
def test_somebody_who_reads_further_up_is_left_there(page, hub, world, ada):
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.BUILDING)
    world.write_build_log(build, *(f"line {n}" for n in range(300)))
    page.goto(f"{hub}/spaces/ada/hello/logs")
    log = page.locator(".log")
    log.evaluate("log => log.scrollTop = 100")
    world.write_build_log(build, "the newest")
    jump = page.get_by_role("button", name="New lines")
    jump.wait_for(timeout=2000)
    assert log.evaluate("log => log.scrollTop") == 100
    jump.click()
    expect(page.get_by_text("the newest")).to_be_in_viewport()


def test_signing_in_by_a_link_takes_one_press(page, hub, world, ada, is_calm):
    page.goto(f"{hub}/login/{world.make_login_link(ada)}")
    page.get_by_role("button", name="Sign in as ada").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").wait_for()
    is_calm()


def test_an_app_cannot_take_over_the_window(page, context, hub, world, ada):
    context.unroute(re.compile(r"\.apps\.localhost"))
    attack = "try { top.location = 'https://evil.example/' } catch (error) { document.body.append(error.name) }"
    body = f"<h1>app</h1><script>{attack}</script>"
    context.route(re.compile(r"\.apps\.localhost"), lambda route: route.fulfill(body=body, content_type="text/html"))
    world.add_live_space(ada, "hello")
    page.goto(f"{hub}/spaces/ada/hello")
    expect(page.frame_locator(".app-frame").locator("body")).to_contain_text("SecurityError")
    assert page.url == f"{hub}/spaces/ada/hello"


def test_an_app_may_keep_its_state_in_the_address_of_its_page(page, hub, world, ada, is_calm):
    world.add_live_space(ada, "hello")
    page.goto(f"{hub}/spaces/ada/hello?a=1#here")
    page.wait_for_function("document.querySelector('.app-frame').src.endsWith('/?a=1#here')")
    frame = page.frames[1]
    frame.evaluate(f"parent.postMessage({{queryString: 'b=2', hash: 'there'}}, '{hub}')")
    page.wait_for_url(f"{hub}/spaces/ada/hello?b=2#there")
    is_calm()


@pytest.fixture(params=[("light", 375), ("light", 1280), ("dark", 375), ("dark", 1280)], ids=str)
def width(request, page):
    """The window's, which the page then has, in light and in dark."""
    scheme, width = request.param
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    return width


def test_no_page_scrolls_sideways_or_complains(page, width, world, as_ada, is_calm):
    hub = world.parts.settings.hub_url
    build = world.add_build(
        world.add_live_space(as_ada, "a" * 63, title="word" * 25), BuildStatus.FAILED, error="x" * 300
    )
    world.write_build_log(build, "y" * 500, "short")
    base = f"/spaces/ada/{'a' * 63}"
    for path in ("/", base, f"{base}/logs", f"{base}/versions", "/login"):
        page.goto(hub + path)
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        ink, paper = page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.documentElement).backgroundColor]"
        )
        assert ink != paper
    is_calm()


def test_without_scripts_everything_is_there(chromium, hub, world, ada):
    build = world.add_build(world.add_live_space(ada, "hello"), BuildStatus.BUILDING)
    world.write_build_log(build, "a line")
    with chromium.new_context(java_script_enabled=False) as context:
        context.add_cookies([{"name": "minispaces_session", "value": world.start_session(ada), "url": hub}])
        page = context.new_page()
        page.goto(f"{hub}/spaces/ada/hello/logs")
        expect(page.get_by_text("a line")).to_be_visible()
        expect(page.get_by_role("link", name="Refresh")).to_be_visible()
        world.write_build_log(build, "another line")
        expect(page.get_by_text("another line")).to_be_visible(timeout=8000)
