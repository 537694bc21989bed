"""Announcements above every page, and maintenance that lets only admins change things."""

from datetime import UTC, datetime, timedelta

import pytest

from minispaces_platform.accounts import tokens
from minispaces_platform.models.scopes import Scope

HERE = "/spaces/ada/demo/discussions"


@pytest.fixture
def root(browser, world):
    return browser(world.add_user("root", admin=True))


@pytest.fixture
def demo(ada, add_space):
    return add_space(ada, "demo")


def post(root, text="Back at six", **fields):
    return root.post("/admin/notices", data={"text": text, **fields})


def test_an_announcement_stands_on_every_page_until_it_is_taken_down(root, browser):
    assert post(root, "Lunch is <b>ready</b>", tone="good").status_code == 303
    page = browser().get("/").text
    assert "Lunch is &lt;b&gt;ready&lt;/b&gt;" in page
    assert "notice-good" in page
    address = root.get("/admin/notices").text.split('action="/admin/notices/')[1].split('"')[0]
    root.post(f"/admin/notices/{address}")
    assert "Lunch" not in browser().get("/").text


def test_an_announcement_ends_by_itself(root, browser, time_machine):
    post(root, "Soon over", hours="1")
    assert "Soon over" in browser().get("/").text
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=1, seconds=1))
    assert "Soon over" not in browser().get("/").text


@pytest.mark.parametrize(("fields", "words"), [
    ({"text": " "}, "nothing in it yet"), ({"hours": "soon"}, "no number of hours"), ({"hours": "-1"}, "60 days"),
    ({"hours": "nan"}, "60 days"),
])  # fmt: skip
def test_what_makes_no_sense_comes_back_with_words(root, fields, words):
    answer = post(root, **fields)
    assert answer.status_code == 422
    assert words in answer.text


def test_maintenance_refuses_changes_in_words_and_lets_everybody_read(root, browser, ada, demo):
    me = browser(ada)
    post(root, "The disk is being replaced.", kind="maintenance")
    answer = me.post(f"{HERE}/new", data={"title": "t", "text": "x"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "300")
    assert "The disk is being replaced." in answer.text
    assert me.get(HERE).status_code == 200
    assert root.post(f"{HERE}/new", data={"title": "t", "text": "x"}).status_code == 303


def test_an_admin_can_still_sign_in_during_maintenance_and_end_it(root, browser, world, ada, demo):
    post(root, kind="maintenance")
    second = browser(world.add_user("second", admin=True))
    address = second.get("/admin/notices").text.split('action="/admin/notices/')[1].split('"')[0]
    second.post(f"/admin/notices/{address}")
    assert browser(ada).post(f"{HERE}/new", data={"title": "t", "text": "x"}).status_code == 303


def test_a_push_is_refused_during_maintenance(root, client, ada, demo, parts):
    with parts.database.writing() as session:
        token = tokens.create_token(session, ada, scope=Scope.WRITE)
    post(root, "New disk.", kind="maintenance")
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "git/2.47"}
    refs = "/spaces/ada/demo/info/refs?service="
    answer = client.get(f"{refs}git-receive-pack", headers=headers)
    assert answer.status_code == 503
    assert "New disk." in answer.text


def test_notices_are_written_down(root, events):
    post(root, kind="maintenance")
    assert events()[-1].action == "maintenance.begin"
