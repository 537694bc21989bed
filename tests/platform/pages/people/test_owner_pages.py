"""The page of a person or an organisation shows what its visitor may see, at a fixed price."""

import pytest
from fastapi.routing import iter_route_contexts

from minispaces_platform.app import create_app
from minispaces_platform.errors import InvalidError
from minispaces_platform.models.roles import Role
from minispaces_platform.names import check_owner_name


def test_private_spaces_are_in_no_list_of_a_stranger(browser, ada, world, lab, add_space):
    add_space(ada, "open-one")
    for visibility in ("private", "protected", "internal"):
        add_space(ada, f"closed-{visibility}", visibility)
        lab.add_space(f"closed-lab-{visibility}", visibility)
    for page in ("/", "/ada", "/lab"):
        assert "closed" not in browser().get(page).text
    assert "open-one" in browser().get("/ada").text
    linus = browser(world.add_user("linus"))
    for page in ("/", "/ada", "/lab"):
        text = linus.get(page).text
        assert "closed-internal" in text or "closed-lab-internal" in text
        assert "closed-private" not in text
        assert "closed-protected" not in text
        assert "closed-lab-private" not in text


def test_a_member_sees_the_organisations_spaces(browser, world, lab):
    grace = world.add_user("grace")
    lab.add(grace, Role.READ)
    lab.add_space("secret", "private")
    assert "/spaces/lab/secret" in browser(grace).get("/lab").text


def test_where_everything_stays_inside_a_stranger_meets_nobody(browser, ada, parts, monkeypatch):
    monkeypatch.setattr(parts.settings, "public_spaces", False)
    stranger, known = browser(), browser(ada)
    assert stranger.get("/ada").status_code == stranger.get("/nobody").status_code != 200
    assert known.get("/ada").status_code == 200


def test_an_unknown_name_is_nobodys(browser, ada):
    assert browser(ada).get("/nobody").status_code == 404
    assert browser().get("/nobody").status_code == 401


def test_suspension_is_not_told_on_a_persons_page(browser, world, ada):
    grace = world.add_user("grace")
    browser(world.add_user("root", admin=True)).post("/admin/people/grace/suspend", data={"reason": "a reason"})
    page = browser(ada).get("/grace")
    assert page.status_code == 200
    assert "a reason" not in page.text
    assert grace.name in page.text


@pytest.mark.parametrize("path", ["/lab", "/ada", "/organizations/lab/settings", "/settings/profile"])
def test_a_page_takes_as_many_statements_with_many_rows_as_with_few(
    *, browser, world, ada, lab, add_space, statements, path
):
    me = browser(ada)

    def count() -> int:
        me.get(path)
        statements.clear()
        assert me.get(path).status_code == 200
        return len(statements)

    lab.add_space("first")
    add_space(ada, "first")
    few = count()
    for number in range(5):
        lab.add(world.add_user(f"member-{number}"), Role.READ)
        lab.add_space(f"demo-{number}")
        add_space(ada, f"demo-{number}")
        me.post("/organizations", data={"name": f"team-{number}"})
    assert count() == few


def test_no_owner_can_be_called_as_an_address_of_the_hub_begins(settings):
    first = {route.path.split("/")[1] for route in iter_route_contexts(create_app(settings).routes)} - {"{owner}", ""}
    assert {"admin", "organizations", "settings"} < first
    for name in first:
        with pytest.raises(InvalidError):
            check_owner_name(name, what="user")


@pytest.mark.parametrize("path", ["/%00", "/spaces/ada/%00", "/organizations/%00/settings"])
def test_a_name_with_a_nul_is_refused_before_any_database_sees_it(browser, path, statements):
    assert browser().get(path).status_code == 404
    assert statements == []


def test_a_nul_in_a_form_is_left_out(browser, ada):
    assert (
        browser(ada).post("/organizations", data={"name": "la\0b"}).headers["location"] == "/organizations/lab/settings"
    )
