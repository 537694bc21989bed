"""Organisations are made by whoever is signed in, and end when they own nothing."""

import pytest

from minispaces_platform.models.roles import Role


def test_whoever_is_signed_in_makes_one_and_administers_it(browser, ada, events):
    me = browser(ada)
    made = me.post("/organizations", data={"name": "lab", "full_name": "The Lab"})
    assert (made.status_code, made.headers["location"]) == (303, "/organizations/lab/settings")
    assert "The Lab" in me.get("/lab").text
    assert events()[-1].action == "organization.create"


def test_a_stranger_makes_none(browser):
    assert browser().post("/organizations", data={"name": "lab"}).status_code == 401


@pytest.mark.parametrize("name", ["ada", "ADA", "settings", "organizations", "events", "a--b", "", "-x", "x.git"])
def test_a_name_that_is_taken_or_none_gets_the_form_again_with_the_reason(browser, ada, name):
    answer = browser(ada).post("/organizations", data={"name": name})
    assert answer.status_code in {409, 422}
    assert 'role="alert"' in answer.text


def test_where_only_admins_make_them_others_are_told_so(browser, ada, world, parts, monkeypatch):
    monkeypatch.setattr(parts.settings, "organizations_by_admins", True)
    me = browser(ada)
    assert "Only admins make organisations here" in me.get("/organizations/new").text
    assert me.post("/organizations", data={"name": "lab"}).status_code == 403
    root = browser(world.add_user("root", admin=True))
    assert root.post("/organizations", data={"name": "lab"}).status_code == 303


def test_one_that_owns_a_space_is_not_deleted(browser, ada, lab):
    lab.add_space("hello")
    answer = browser(ada).post("/organizations/lab/delete", data={"typed": "lab"})
    assert answer.status_code == 409
    assert browser().get("/lab").status_code == 200


def test_deleting_asks_for_the_name(browser, ada, lab):
    me = browser(ada)
    assert me.post("/organizations/lab/delete", data={"typed": "Lab"}).status_code == 422
    assert me.get("/lab").status_code == 200
    assert me.post("/organizations/lab/delete", data={"typed": "lab"}).status_code == 303
    assert me.get("/lab").status_code == 404


@pytest.mark.parametrize("role", [Role.READ, Role.CONTRIBUTOR, Role.WRITE])
def test_only_its_admins_see_and_change_its_settings(browser, world, lab, role):
    grace = world.add_user("grace")
    lab.add(grace, role)
    me = browser(grace)
    assert me.get("/organizations/lab/settings").status_code == 403
    assert me.post("/organizations/lab/name", data={"name": "mine"}).status_code == 403
    assert me.post("/organizations/lab/members", data={"name": "grace", "role": "admin"}).status_code == 403
    assert me.post("/organizations/lab/delete", data={"typed": "lab"}).status_code == 403
    assert lab.role_of(grace) is role


def test_an_admin_of_the_installation_may_settle_what_its_admins_left(browser, world, lab):
    root = browser(world.add_user("root", admin=True))
    assert root.post("/organizations/lab/members", data={"name": "root", "role": "read"}).status_code == 303
