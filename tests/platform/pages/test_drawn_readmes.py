"""READMEs are drawn once for each commit, whoever looks and however often."""

import pytest

from minispaces_platform.repos import drawn
from minispaces_platform.repos.changes import Put

PAGE = "/spaces/ada/hello"


@pytest.fixture(autouse=True)
def nothing_kept_in_memory(monkeypatch):
    monkeypatch.setattr("minispaces_platform.kept.SECONDS", 0)


@pytest.fixture
def space(world, ada):
    return world.add_space(ada, "hello")


def take_objects_away(world, space):
    objects = world.parts.store.path(space.id) / "objects"
    objects.rename(objects.with_name("away"))


def test_git_is_asked_for_it_once(client, world, space, commit):
    commit(space, Put("README.md", "# A gööd read\r\n".encode()))
    first = client.get(PAGE).text
    take_objects_away(world, space)
    assert client.get(PAGE).text == first
    assert "<h1>A gööd read</h1>" in first


def test_the_next_commit_shows_the_next_one(client, space, commit):
    for words in ("Before", "After"):
        commit(space, Put("README.md", f"# {words}".encode()))
        assert f"<h1>{words}</h1>" in client.get(PAGE).text
    assert "<h1>Before</h1>" not in client.get(PAGE).text


def test_other_code_draws_it_anew(client, world, space, commit, monkeypatch):
    commit(space, Put("README.md", b"# Read me"))
    assert "<h1>Read me</h1>" in client.get(PAGE).text
    take_objects_away(world, space)
    monkeypatch.setattr(drawn, "_code", lambda: "next release")
    assert "<h1>Read me</h1>" not in client.get(PAGE).text
