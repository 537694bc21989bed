"""Administration: for admins alone, and never without one."""

import pytest
from starlette.testclient import TestClient

from minispaces_platform.accounts import tokens
from minispaces_platform.models.scopes import Scope

PAGES = ["/admin", "/admin/people", "/admin/people/ada", "/admin/spaces", "/admin/audit", "/admin/audit.jsonl"]
FORMS = ["suspend", "reinstate", "admin", "not-admin", "login-link"]


@pytest.fixture
def root(browser, world) -> TestClient:
    return browser(world.add_user("root", admin=True))


@pytest.mark.parametrize("path", PAGES)
def test_there_is_nothing_at_its_addresses_for_others(browser, ada, path):
    assert browser(ada).get(path).status_code == 404
    assert browser().get(path).status_code == 401


@pytest.mark.parametrize("form", FORMS)
def test_its_forms_do_nothing_for_others(browser, ada, root, form, events):
    before = len(events())
    answer = browser(ada).post(f"/admin/people/root/{form}", data={"reason": "because"})
    assert answer.status_code == 404
    assert [event.action for event in events()[before:]] == ["account.sign_in"]


def test_who_is_suspended_is_signed_out_at_once_and_their_token_says_why(root, browser, world, parts):
    grace = world.add_user("grace")
    with parts.database.writing() as session:
        token = tokens.create_token(session, grace, scope=Scope.WRITE)
    me = browser(grace)
    assert root.post("/admin/people/grace/suspend", data={"reason": "Left the company"}).status_code == 303
    assert me.get("/settings/profile").status_code == 401
    refused = browser().get("/", headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 403
    assert "Left the company" in refused.text


def test_a_link_made_before_does_not_let_the_suspended_in(root, browser, world, client):
    grace = world.add_user("grace")
    link = world.make_login_link(grace)
    root.post("/admin/people/grace/suspend", data={"reason": "Left"})
    assert client.post(f"/login/{link}").status_code == 403
    assert root.post("/admin/people/grace/login-link").status_code == 409


def test_who_is_reinstated_signs_in_again(root, browser, world):
    grace = world.add_user("grace")
    root.post("/admin/people/grace/suspend", data={"reason": "Mistaken"})
    root.post("/admin/people/grace/reinstate")
    assert browser(grace).get("/settings/profile").status_code == 200


def test_a_suspension_needs_a_reason(root, browser, world):
    world.add_user("grace")
    answer = root.post("/admin/people/grace/suspend", data={"reason": " \0 "})
    assert answer.status_code == 422
    assert "A reason is needed" in answer.text


@pytest.mark.parametrize("form", ["suspend", "not-admin"])
def test_the_last_admin_stays(root, form):
    answer = root.post(f"/admin/people/root/{form}", data={"reason": "tired"})
    assert answer.status_code == 409
    assert root.get("/admin/people").status_code == 200


def test_a_suspended_admin_is_none_who_could_act(root, world):
    world.add_user("second", admin=True)
    root.post("/admin/people/second/suspend", data={"reason": "away"})
    assert root.post("/admin/people/root/not-admin").status_code == 409


def test_an_admin_makes_another_and_may_then_go(root, browser, world):
    grace = world.add_user("grace")
    root.post("/admin/people/grace/admin")
    assert browser(grace).get("/admin/people").status_code == 200
    assert root.post("/admin/people/root/not-admin").status_code == 303
    assert root.get("/admin/people").status_code == 404


def test_a_sign_in_link_is_shown_once_works_once_and_is_written_down(root, client, world, events):
    world.add_user("grace")
    answer = root.post("/admin/people/grace/login-link")
    assert answer.headers["cache-control"] == "no-store"
    secret = answer.text.split("http://localhost:8080/login/")[1].split("<")[0].split('"')[0]
    assert secret not in root.get("/admin/people/grace").text
    assert secret not in root.get("/admin/audit").text
    assert (events()[-1].action, events()[-1].actor_name, events()[-1].subject_name) == (
        "user.login_link", "root", "grace",
    )  # fmt: skip
    assert client.post(f"/login/{secret}").status_code == 303
    assert client.post(f"/login/{secret}").status_code == 410


def test_people_are_found_by_a_part_of_their_names(root, world):
    for name in ("grace", "linus"):
        world.add_user(name)
    page = root.get("/admin/people?q=RAC").text
    assert "grace" in page
    assert "linus" not in page
    assert "Nobody is called like that" in root.get("/admin/people?q=%25").text


def test_an_admin_sees_every_space_whatever_its_visibility(root, ada, add_space):
    add_space(ada, "secret", "private")
    assert "ada/secret" in root.get("/admin/spaces").text
    assert "ada/secret" in root.get("/admin/spaces?q=SECR").text
    assert "ada/secret" not in root.get("/admin/spaces?q=other").text


@pytest.mark.parametrize("path", ["/admin/people", "/admin/spaces"])
def test_a_long_list_goes_on_where_the_page_ended(*, root, world, ada, add_space, path, monkeypatch):
    monkeypatch.setattr("minispaces_platform.admin.queries.PAGE_SIZE", 2)
    monkeypatch.setattr("minispaces_platform.admin.pages.PAGE_SIZE", 2)
    for number in range(3):
        add_space(world.add_user(f"person-{number}"), f"demo-{number}")
    seen, address = "", path
    while address:
        page = root.get(address).text
        seen += page
        link = page.split('rel="next" href="')
        address = path + link[1].split('"')[0].replace("&amp;", "&") if len(link) > 1 else ""
    assert all(f"person-{number}" in seen for number in range(3))


@pytest.mark.parametrize("path", ["/admin/people", "/admin/spaces", "/admin/audit"])
def test_a_list_takes_as_many_statements_with_many_rows_as_with_few(root, world, add_space, statements, path):
    def count() -> int:
        root.get(path)
        statements.clear()
        assert root.get(path).status_code == 200
        return len(statements)

    add_space(world.add_user("first"), "demo")
    few = count()
    for number in range(6):
        add_space(world.add_user(f"person-{number}"), f"demo-{number}")
    assert count() == few
