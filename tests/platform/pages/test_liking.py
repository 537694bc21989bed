"""The like button without and with scripts, and who likes a Space."""

import pytest

from minispaces_platform.models.roles import Visibility


@pytest.fixture
def space(world, ada):
    return world.add_live_space(world.add_user("grace"), "hello", title="Hello")


def test_a_press_likes_and_leads_back(signed_in, space):
    answer = signed_in.post("/spaces/grace/hello/like", data={"back": "/?q=hello"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=hello")
    assert signed_in.post("/spaces/grace/hello/unlike").headers["location"] == "/spaces/grace/hello"


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_it_leads_back_to_pages_of_the_hub_only(signed_in, space, back):
    assert signed_in.post("/spaces/grace/hello/like", data={"back": back}).headers["location"] == "/"


def test_scripts_are_told_the_new_sum(signed_in, space):
    asked = {"Accept": "application/json"}
    likes = [signed_in.post(f"/spaces/grace/hello/{deed}", headers=asked).json() for deed in ("like", "like", "unlike")]
    assert [(it["likes"], it["liked"]) for it in likes] == [(1, True), (1, True), (0, False)]


def test_likers_and_what_they_like_are_shown(signed_in, space, ada):
    signed_in.post("/spaces/grace/hello/like")
    likers = signed_in.get("/spaces/grace/hello/likers").text
    assert 'href="/ada"' in likers
    assert 'aria-pressed="true"' in likers
    assert 'href="/spaces/grace/hello"' in signed_in.get("/ada").text


def test_strangers_are_led_to_sign_in(client, space):
    assert client.post("/spaces/grace/hello/like").status_code == 401
    assert 'href="/login?next=/spaces/grace/hello"' in client.get("/spaces/grace/hello/likers").text


def test_what_one_may_not_read_one_cannot_like(signed_in, world, space):
    world.change(space, visibility=Visibility.PRIVATE)
    assert signed_in.post("/spaces/grace/hello/like").status_code == 404
    assert signed_in.get("/spaces/grace/hello/likers").status_code == 404
