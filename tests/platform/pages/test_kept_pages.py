"""What the front page and Spaces' pages keep: for the same rights, until anything is written, a second at most."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from minispaces_platform.access import Actor
from minispaces_platform.accounts import sessions
from minispaces_platform.database import Database
from minispaces_platform.kept import Kept, rights
from minispaces_platform.models.roles import Role, Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.repos.changes import Put


def test_who_looks_again_asks_the_database_nothing(client, world, ada, statements):
    world.add_space(ada, "hello")
    first = client.get("/").text
    statements.clear()
    assert client.get("/").text == first
    assert statements == []


def test_what_is_written_shows_at_once(client, world, ada):
    space = world.add_space(ada, "hello", title="Before")
    assert "Before" in client.get("/").text
    world.change(space, card=space.card.model_copy(update={"title": "After"}))
    assert "After" in client.get("/").text
    world.change(space, visibility=Visibility.PRIVATE)
    assert "After" not in client.get("/").text


def test_somebody_with_other_rights_gets_a_page_of_their_own(client, world, ada):
    space = world.add_space(ada, "secret")
    world.change(space, visibility=Visibility.PRIVATE)
    with world.parts.database.writing() as session:
        cookie = sessions.start_session(session, ada.id)
    assert "/spaces/ada/secret" in client.get("/", headers={"Cookie": f"minispaces_session={cookie}"}).text
    client.cookies.clear()
    assert "/spaces/ada/secret" not in client.get("/").text


def test_what_another_process_writes_shows_after_a_second(client, world, ada, monkeypatch):
    space = world.add_space(ada, "hello")
    assert "/spaces/ada/hello" in client.get("/").text
    other = Database(world.parts.settings.effective_database_url)
    with other.writing() as session:
        session.get_one(Space, space.id).visibility = Visibility.PRIVATE
    other.dispose()
    monkeypatch.setattr("minispaces_platform.kept.SECONDS", 0)
    assert "/spaces/ada/hello" not in client.get("/").text


def test_who_looks_again_at_a_space_only_has_to_be_let_in(client, world, ada, statements):
    world.add_live_space(ada, "hello")
    first = client.get("/spaces/ada/hello").text
    statements.clear()
    assert client.get("/spaces/ada/hello").text == first
    assert len(statements) == 1


def test_a_space_that_closes_is_kept_for_nobody(client, world, ada):
    space = world.add_live_space(ada, "hello")
    assert client.get("/spaces/ada/hello").status_code == 200
    other = Database(world.parts.settings.effective_database_url)
    with other.writing() as session:
        session.get_one(Space, space.id).visibility = Visibility.PRIVATE
    other.dispose()
    assert client.get("/spaces/ada/hello").status_code == 401


def test_a_readme_that_git_cannot_give_now_is_shown_when_it_can(client, world, ada, commit, monkeypatch):
    monkeypatch.setattr("minispaces_platform.kept.SECONDS", 0)
    space = world.add_space(ada, "hello")
    commit(space, Put("README.md", b"# A good read"))
    folder = world.parts.store.path(space.id)
    away = folder.rename(folder.with_suffix(".away"))
    assert "A good read" not in client.get("/spaces/ada/hello").text
    away.rename(folder)
    assert "A good read" in client.get("/spaces/ada/hello").text


def test_what_many_ask_for_at_once_is_made_once():
    kept, made, ready = Kept(), [], threading.Barrier(8)

    def ask(_number):
        ready.wait(10)
        return kept.read("page", lambda: made.append("made") or len(made))

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {1}


def test_rights_differ_by_all_that_decides_who_reads(world, ada):
    grace = world.add_user("grace", admin=True)
    actors = [Actor(), Actor(welcome=False), Actor(ada), Actor(grace), Actor(grace, delegated=True)]
    actors += [Actor(ada, roles={"x": Role.READ}), Actor(ada, spaces=frozenset({"x"})), Actor(ada, spaces=frozenset())]
    assert len({rights(actor) for actor in actors}) == len(actors)


def test_whoever_comes_while_a_page_is_made_anew_gets_the_old_one(monkeypatch):
    clock, seen, kept = [0.0], [], Kept()
    monkeypatch.setattr("minispaces_platform.kept.monotonic", lambda: clock[0])
    assert kept.read("page", lambda: "old") == "old"
    clock[0] = 1.5

    def make():
        with ThreadPoolExecutor(1) as others:
            seen.append(others.submit(kept.read, "page", pytest.fail).result())
        return "new"

    assert (kept.read("page", make), seen) == ("new", ["old"])
    assert kept.read("page", pytest.fail) == "new"
