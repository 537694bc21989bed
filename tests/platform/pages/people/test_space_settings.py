"""A Space's settings: for its admins, in words, and with effect at once."""

import pytest
from redis import Redis

from minispaces_contract import hints
from minispaces_platform.models.roles import Role, Visibility


def choose(client, visibility, space="ada/hello"):
    return client.post(f"/spaces/{space}/settings/visibility", data={"visibility": visibility})


def test_what_is_made_private_is_gone_for_strangers_at_once(browser, ada, add_space):
    add_space(ada, "hello")
    me, stranger = browser(ada), browser()
    assert stranger.get("/spaces/ada/hello").status_code == 200
    assert choose(me, "private").status_code == 303
    assert stranger.get("/spaces/ada/hello").status_code == 401
    assert me.get("/spaces/ada/hello").status_code == 200


def test_each_change_is_written_down_with_what_it_was(browser, ada, add_space, events):
    add_space(ada, "hello")
    choose(browser(ada), "internal")
    last = events()[-1]
    assert (last.action, last.actor_name, last.subject_name) == ("space.visibility", "ada", "ada/hello")
    assert last.details == {"before": "public", "after": "internal"}


def test_open_pages_and_the_runner_are_told(browser, ada, add_space, parts):
    space = add_space(ada, "hello")
    with Redis.from_url(parts.settings.redis_url).pubsub() as heard:
        heard.subscribe(hints.space(space.id), hints.world(space.id))
        choose(browser(ada), "private")
        messages = iter(lambda: heard.get_message(timeout=5), None)
        told = {message["channel"].decode() for message in messages if message["type"] == "message"}
    assert told == {hints.space(space.id), hints.world(space.id)}


@pytest.mark.parametrize("role", [None, Role.READ, Role.WRITE])
@pytest.mark.parametrize("form", ["visibility", "collaborators", "collaborators/remove", "rename", "transfer"])
def test_nobody_but_its_admins_changes_a_space(*, browser, world, ada, add_space, role, form):
    add_space(ada, "hello")
    grace = world.add_user("grace")
    if role:
        browser(ada).post("/spaces/ada/hello/settings/collaborators", data={"person": "grace", "role": role})
    data = {"visibility": "private", "person": "grace", "role": "admin", "new_name": "mine", "to": "grace"}
    me = browser(grace)
    assert me.post(f"/spaces/ada/hello/settings/{form}", data={**data, "typed": "ada/hello"}).status_code == 403
    assert me.get("/spaces/ada/hello/settings").status_code == 403
    assert "/spaces/ada/hello/settings" not in me.get("/spaces/ada/hello").text
    assert browser().get("/spaces/ada/hello").status_code == 200


def test_a_collaborator_sees_what_is_private_until_removed(browser, world, ada, add_space):
    add_space(ada, "hello", "private")
    me, grace = browser(ada), browser(world.add_user("grace"))
    assert grace.get("/spaces/ada/hello").status_code == 404
    me.post("/spaces/ada/hello/settings/collaborators", data={"person": "grace", "role": "read"})
    assert grace.get("/spaces/ada/hello").status_code == 200
    assert "grace" in me.get("/spaces/ada/hello/settings").text
    me.post("/spaces/ada/hello/settings/collaborators/remove", data={"person": "grace"})
    assert grace.get("/spaces/ada/hello").status_code == 404


@pytest.mark.parametrize(
    ("person", "role", "status"), [("nobody", "read", 404), ("ada", "read", 409), ("grace", "contributor", 422)]
)
def test_a_collaborator_that_cannot_be_is_refused_on_the_page(*, browser, world, ada, add_space, person, role, status):
    add_space(ada, "hello")
    world.add_user("grace")
    answer = browser(ada).post("/spaces/ada/hello/settings/collaborators", data={"person": person, "role": role})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text


def test_each_visibility_is_explained(browser, ada, add_space):
    add_space(ada, "hello")
    page = browser(ada).get("/spaces/ada/hello/settings").text
    for visibility in Visibility:
        assert f'value="{visibility}"' in page
    assert "signed in or not" in page
    assert page.count("does not restart") >= 3


def test_public_reads_otherwise_where_everything_stays_inside(browser, ada, add_space, parts, monkeypatch):
    add_space(ada, "hello")
    monkeypatch.setattr(parts.settings, "public_spaces", False)
    page = browser(ada).get("/spaces/ada/hello/settings").text
    assert "Everybody who is signed in sees this page, the code and the app: this installation stays inside." in page
    assert "signed in or not" not in page


def test_a_badge_says_what_is_not_public(browser, ada, add_space):
    add_space(ada, "hello")
    me = browser(ada)
    assert "chip-private" not in me.get("/spaces/ada/hello").text
    choose(me, "private")
    assert "chip-private" in me.get("/spaces/ada/hello").text
    assert "chip-private" in me.get("/").text


def test_a_visibility_that_is_none_changes_nothing(browser, ada, add_space):
    add_space(ada, "hello")
    assert choose(browser(ada), "secret").status_code == 422
    assert browser().get("/spaces/ada/hello").status_code == 200


def test_the_settings_page_takes_as_many_statements_with_many_collaborators(browser, world, ada, add_space, statements):
    add_space(ada, "hello")
    me = browser(ada)

    def count() -> int:
        me.get("/spaces/ada/hello/settings")
        statements.clear()
        assert me.get("/spaces/ada/hello/settings").status_code == 200
        return len(statements)

    few = count()
    for number in range(5):
        person = world.add_user(f"helper-{number}").name
        me.post("/spaces/ada/hello/settings/collaborators", data={"person": person, "role": "read"})
    assert count() == few
