"""Collections: made, filled and put in order by forms; featured by admins; never telling of what one may not read."""

import re

import pytest

from minispaces_platform.models.roles import Visibility

AT = "/collections/ada/start-here"


@pytest.fixture
def shelf(signed_in, world, ada):
    """ada's collection of three Spaces."""
    signed_in.post("/collections/ada", data={"title": "Start here", "description": "First <b>things</b>"})
    for name in ("one", "two", "three"):
        world.add_space(ada, name)
        signed_in.post(f"{AT}/add", data={"space": f"ada/{name}"})
    return signed_in


def names(client):
    return re.findall(r'href="/spaces/ada/(\w+)"', client.get(AT).text)


def test_it_shows_its_spaces_in_its_order(shelf, client):
    assert names(client) == ["one", "two", "three"]
    assert "First &lt;b&gt;things" in client.get(AT).text
    for space, do in (("three", "up"), ("one", "down"), ("one", "up"), ("one", "up")):
        shelf.post(f"{AT}/items", data={"space": f"ada/{space}", "do": do})
    assert names(client) == ["one", "three", "two"]
    shelf.post(f"{AT}/items", data={"space": "ada/three", "do": "remove"})
    assert names(client) == ["one", "two"]


def test_what_is_wrong_is_said_in_words_beside_what_was_typed(shelf):
    for typed, words in (("ada/none", "There is no Space"), ("ada/one", "already"), ("", "There is no Space")):
        answer = shelf.post(f"{AT}/add", data={"space": typed})
        assert words in answer.text
        assert f'value="{typed}"' in answer.text
    assert shelf.post("/collections/ada", data={"title": " "}).status_code == 422


def test_a_title_may_come_twice_and_change_while_the_address_stays(shelf):
    answer = shelf.post("/collections/ada", data={"title": "Start here"})
    assert answer.headers["location"] == f"{AT}-2"
    shelf.post(f"{AT}/describe", data={"title": "Renamed", "description": ""})
    assert "<bdi>Renamed</bdi>" in shelf.get(AT).text


def test_nobody_learns_of_what_they_may_not_read(shelf, client, world, ada):
    secret = world.add_space(ada, "secret")
    world.change(secret, visibility=Visibility.PRIVATE)
    shelf.post(f"{AT}/add", data={"space": "ada/secret"})
    assert names(shelf) == ["one", "two", "three", "secret"]
    client.cookies.clear()
    assert names(client) == ["one", "two", "three"]
    assert client.post(f"{AT}/add", data={"space": "ada/one"}).status_code == 401


def test_without_a_space_that_one_may_read_there_is_no_collection(shelf, client):
    for name in ("one", "two", "three"):
        shelf.post(f"{AT}/items", data={"space": f"ada/{name}", "do": "remove"})
    assert "Nothing in it yet" in shelf.get(AT).text
    assert AT in shelf.get("/ada").text
    client.cookies.clear()
    assert client.get(AT).status_code == 404
    assert AT not in client.get("/ada").text


def test_admins_feature_it_on_the_front_page_and_nobody_else(shelf, client, world):
    assert shelf.post(f"{AT}/feature", data={"featured": "yes"}).status_code == 404
    assert AT not in shelf.get("/").text
    client.cookies.clear()
    client.post(f"/login/{world.make_login_link(world.add_user('root', admin=True))}")
    client.post(f"{AT}/feature", data={"featured": "yes"})
    assert AT in client.get("/").text
    assert AT not in client.get("/?q=one").text
    client.post(f"{AT}/feature", data={"featured": "no"})
    assert AT not in client.get("/").text


def test_deleting_it_asks_for_its_title_and_leaves_the_spaces(shelf):
    assert shelf.post(f"{AT}/delete", data={"typed": "no"}).status_code == 422
    assert shelf.post(f"{AT}/delete", data={"typed": "Start here"}).headers["location"] == "/ada"
    assert shelf.get(AT).status_code == 404
    assert shelf.get("/spaces/ada/one").status_code == 200
