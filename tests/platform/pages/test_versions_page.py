"""The versions of a Space."""

from datetime import timedelta

from minispaces_contract.states import BuildStatus
from minispaces_platform.database import now


def test_a_version_shows_who_made_it_from_what_and_how_long_it_took(client, world, ada):
    world.add_live_space(ada, "hello")
    page = client.get("/spaces/ada/hello/versions").text
    for shown in ("v1", "1cccccc", "Ada Lovelace", "Say hello", "Built", "3.0 s", "environment", "3.4 MB", "Live"):
        assert shown in page


def test_only_the_version_that_serves_is_marked_live(client, world, ada):
    space = world.add_live_space(ada, "hello")
    world.add_build(space, BuildStatus.FAILED, error="It broke.")
    page = client.get("/spaces/ada/hello/versions").text
    assert page.count("chip-live") == 1
    assert "It broke." in page
    assert page.index("Failed") < page.index("chip-live")


def test_a_commit_message_is_one_line_of_text(client, world, ada):
    world.add_build(world.add_space(ada, "hello"), message="<img src=x onerror=alert(1)>\n\nmore", author="\u202eeve")
    page = client.get("/spaces/ada/hello/versions").text
    assert "<img" not in page
    assert "more" not in page.partition("&lt;img")[2].partition("</p>")[0]
    assert "\u202e" not in page


def test_more_versions_than_a_page_holds_are_on_the_next(client, world, ada, monkeypatch):
    monkeypatch.setattr("minispaces_platform.builds.queries.PAGE_SIZE", 2)
    monkeypatch.setattr("minispaces_platform.builds.pages.PAGE_SIZE", 2)
    space = world.add_space(ada, "hello")
    for _ in range(3):
        world.add_build(space)
    page = client.get("/spaces/ada/hello/versions").text
    assert 'href="?before=2"' in page
    assert 'id="v1"' in client.get("/spaces/ada/hello/versions?before=2").text


def test_a_space_without_versions_says_what_makes_one(client, world, ada):
    world.add_space(ada, "hello")
    assert "each push to the default branch makes one" in client.get("/spaces/ada/hello/versions").text


def test_the_versions_take_four_statements(client, world, ada, statements):
    space = world.add_live_space(ada, "hello")
    for _ in range(6):
        world.add_build(space, finished_at=now() - timedelta(days=1))
    statements.clear()
    client.get("/spaces/ada/hello/versions")
    assert len(statements) == 4
