"""A Space that was taken down: its app is gone from the desired world, and its page says why."""

import pytest

from minispaces_platform.deployments.world import desired_world


@pytest.fixture
def root(browser, world):
    return browser(world.add_user("root", admin=True))


@pytest.fixture
def space(world, ada):
    return world.add_live_space(ada, "hello")


def world_of(parts):
    with parts.database.reading() as session:
        return desired_world(session, parts.settings)


def test_nothing_of_it_runs_and_its_host_says_why(root, space, parts):
    assert len(world_of(parts).deployments) == 1
    assert root.post(f"/admin/spaces/{space.id}/take-down", data={"reason": "Shows addresses."}).status_code == 303
    wanted = world_of(parts)
    assert wanted.deployments == ()
    assert (wanted.routes[0].deployment_id, wanted.routes[0].failed) == (
        None, "An administrator took this app down: Shows addresses.",
    )  # fmt: skip


def test_its_page_shows_the_reason_and_no_app(root, space, browser):
    root.post(f"/admin/spaces/{space.id}/take-down", data={"reason": "Shows <b>addresses</b>."})
    page = browser().get("/spaces/ada/hello").text
    assert "Shows &lt;b&gt;addresses&lt;/b&gt;." in page
    assert "Taken down" in page
    assert "<iframe" not in page


def test_it_comes_back_as_it_was(root, space, parts, browser, events):
    root.post(f"/admin/spaces/{space.id}/take-down", data={"reason": "Shows addresses."})
    root.post(f"/admin/spaces/{space.id}/put-back")
    assert len(world_of(parts).deployments) == 1
    assert "<iframe" in browser().get("/spaces/ada/hello").text
    assert [event.action for event in events()[-2:]] == ["space.take_down", "space.put_back"]


def test_a_reason_is_needed(root, space, parts):
    assert root.post(f"/admin/spaces/{space.id}/take-down", data={"reason": "  "}).status_code == 422
    assert len(world_of(parts).deployments) == 1


def test_its_owner_neither_takes_it_down_nor_puts_it_back(root, space, browser, ada, parts):
    me = browser(ada)
    assert me.post(f"/admin/spaces/{space.id}/take-down", data={"reason": "no"}).status_code == 404
    assert "take-down" not in me.get("/spaces/ada/hello/settings").text
    root.post(f"/admin/spaces/{space.id}/take-down", data={"reason": "Shows addresses."})
    assert me.post(f"/admin/spaces/{space.id}/put-back").status_code == 404
    assert world_of(parts).deployments == ()
