"""A Space gets another owner by the Hub's rules; its old address leads on and its host stays."""

import pytest

from minispaces_platform.models.roles import Role


def transfer(client, space, to, typed=None):
    return client.post(
        f"/spaces/{space}/settings/transfer", data={"to": to, "typed": space if typed is None else typed}
    )


@pytest.mark.parametrize(("role", "status"), [(Role.READ, 403), (Role.CONTRIBUTOR, 303), (Role.WRITE, 303)])
def test_ones_own_goes_to_an_organisation_in_which_one_may_make_spaces(*, browser, world, lab, add_space, role, status):
    grace = world.add_user("grace")
    lab.add(grace, role)
    add_space(grace, "hello")
    assert transfer(browser(grace), "grace/hello", "lab").status_code == status
    where = "lab" if status == 303 else "grace"
    assert browser().get(f"/spaces/{where}/hello").status_code == 200


@pytest.mark.parametrize(("role", "status"), [(Role.WRITE, 403), (Role.ADMIN, 303)])
def test_an_organisations_admin_takes_its_space_to_themselves(browser, world, lab, role, status):
    grace = world.add_user("grace")
    lab.add(grace, role)
    lab.add_space("hello")
    assert transfer(browser(grace), "lab/hello", "grace").status_code == status


def test_an_admin_of_the_space_alone_does_not_take_it_from_its_organisation(browser, world, ada, lab):
    lab.add_space("hello")
    grace = world.add_user("grace")
    browser(ada).post("/spaces/lab/hello/settings/collaborators", data={"person": "grace", "role": "admin"})
    me = browser(grace)
    assert me.get("/spaces/lab/hello/settings").status_code == 200
    assert transfer(me, "lab/hello", "grace").status_code == 403


@pytest.mark.parametrize(("role", "status"), [(None, 403), (Role.READ, 403), (Role.CONTRIBUTOR, 303)])
def test_between_organisations_one_administers_the_one_and_contributes_to_the_other(
    *, browser, world, ada, lab, role, status
):
    grace = world.add_user("grace")
    browser(grace).post("/organizations", data={"name": "other"})
    browser(grace).post("/organizations/other/members", data={"name": "ada", "role": role}) if role else None
    lab.add_space("hello")
    assert transfer(browser(ada), "lab/hello", "other").status_code == status


def test_between_two_people_nothing_goes_but_by_an_admin_of_the_installation(browser, world, ada, add_space, events):
    add_space(ada, "hello")
    world.add_user("grace")
    assert transfer(browser(ada), "ada/hello", "grace").status_code == 403
    assert transfer(browser(world.add_user("root", admin=True)), "ada/hello", "grace").status_code == 303
    assert (events()[-1].action, events()[-1].details) == (
        "space.transfer", {"before": "ada/hello", "after": "grace/hello"},
    )  # fmt: skip


def test_it_asks_for_the_full_name(browser, ada, lab, add_space):
    add_space(ada, "hello")
    me = browser(ada)
    for typed in ("", "hello", "ada/other"):
        assert transfer(me, "ada/hello", "lab", typed).status_code == 422
    assert me.get("/spaces/ada/hello").status_code == 200


def test_the_old_address_leads_on_and_the_host_stays(browser, ada, lab, add_space, parts):
    space = add_space(ada, "hello")
    transfer(browser(ada), "ada/hello", "lab")
    assert browser().get("/spaces/ada/hello").headers["location"] == "/spaces/lab/hello"
    with parts.database.reading() as session:
        assert session.get_one(type(space), space.id).host_label == "ada-hello"


def test_a_name_that_the_new_owner_has_already_is_refused(browser, ada, lab, add_space):
    add_space(ada, "hello")
    lab.add_space("Hello")
    assert transfer(browser(ada), "ada/hello", "lab").status_code == 409


def test_who_gives_a_space_away_loses_it(browser, world, ada, lab, add_space):
    grace = world.add_user("grace")
    lab.add(grace, Role.CONTRIBUTOR)
    add_space(grace, "hello", "private")
    me = browser(grace)
    answer = transfer(me, "grace/hello", "lab")
    assert answer.headers["location"] == "/spaces/lab/hello"
    assert me.get("/spaces/lab/hello/settings").status_code == 403


def test_nobody_to_transfer_to_is_said(browser, ada, add_space):
    add_space(ada, "hello")
    assert "There is nobody whom you may transfer this Space to" in browser(ada).get("/spaces/ada/hello/settings").text
