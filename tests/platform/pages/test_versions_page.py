"""The versions of a Space."""

from datetime import timedelta

from minispaces_contract.states import BuildStatus
from minispaces_platform.database import now
from minispaces_platform.repos.changes import Put


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


def test_the_versions_take_eight_statements(client, world, ada, statements):
    space = world.add_live_space(ada, "hello")
    for _ in range(6):
        world.add_build(space, finished_at=now() - timedelta(days=1))
    statements.clear()
    client.get("/spaces/ada/hello/versions")
    assert len(statements) == 8


def test_a_version_that_was_pictured_shows_its_picture(client, world, ada):
    space = world.add_live_space(ada, "hello")
    assert "/thumbnail/" not in client.get("/spaces/ada/hello/versions").text
    build = world.add_build(space)
    world.add_deployment(build, pictured_at=now())
    assert 'src="/spaces/ada/hello/thumbnail/2.webp"' in client.get("/spaces/ada/hello/versions").text


def test_two_versions_differ_in_settings_and_files(client, world, ada, commit):
    space = world.add_space(ada, "hello")
    commit(space, Put("README.md", b"---\nsdk: gradio\nsdk_version: 6.1.0\n---\n"), Put("app.py", b"old\n"))
    commit(space, Put("README.md", b"---\nsdk: gradio\nsdk_version: 6.3.0\n---\n"), Put("app.py", b"new\n"))
    page = client.get("/spaces/ada/hello/versions/compare?from=1&to=2").text
    assert page.index("SDK version") < page.index("6.1.0") < page.index("6.3.0")
    assert "App file" not in page
    assert "2 files changed" in page
    assert "3 files" not in client.get("/spaces/ada/hello/versions/compare?from=0&to=1").text
    assert client.get("/spaces/ada/hello/versions/compare?from=1&to=9").status_code == 404


def test_versions_whose_history_is_gone_are_compared_all_the_same(client, world, ada):
    space = world.add_live_space(ada, "hello")
    world.add_build(space)
    page = client.get("/spaces/ada/hello/versions/compare?from=1&to=2")
    assert page.status_code == 200
    assert "was rewritten" in page.text
