"""Members come, change and go; an organisation always has an admin who can act."""

from minispaces_platform.models.namespaces import Organization
from minispaces_platform.models.roles import Role
from minispaces_platform.spaces.service import create_space


def change(client, user, role):
    return client.post(f"/organizations/lab/members/{user}/role", data={"role": role})


def test_an_admin_adds_somebody_by_name(browser, world, ada, lab, events):
    grace = world.add_user("grace")
    assert browser(ada).post("/organizations/lab/members", data={"name": "Grace", "role": "write"}).status_code == 303
    assert lab.role_of(grace) is Role.WRITE
    assert (events()[-1].action, events()[-1].details["member"]) == ("membership.set", "grace")


def test_nobody_of_that_name_is_said_on_the_page(browser, ada, lab):
    answer = browser(ada).post("/organizations/lab/members", data={"name": "nobody", "role": "read"})
    assert answer.status_code == 404
    assert "There is no user" in answer.text


def test_somebody_is_added_once(browser, world, ada, lab):
    lab.add(world.add_user("grace"), Role.READ)
    answer = browser(ada).post("/organizations/lab/members", data={"name": "grace", "role": "admin"})
    assert answer.status_code == 409


def test_the_last_admin_is_not_lowered(browser, ada, lab):
    assert change(browser(ada), "ada", "write").status_code == 409
    assert lab.role_of(ada) is Role.ADMIN


def test_the_last_admin_does_not_leave(browser, ada, lab):
    answer = browser(ada).post("/organizations/lab/leave")
    assert answer.status_code == 403
    assert "no admin left" in answer.text
    assert lab.role_of(ada) is Role.ADMIN


def test_an_admin_who_is_suspended_does_not_count(browser, world, ada, lab):
    grace = world.add_user("grace")
    lab.add(grace, Role.ADMIN)
    root = browser(world.add_user("root", admin=True))
    root.post("/admin/people/grace/suspend", data={"reason": "gone"})
    assert browser(ada).post("/organizations/lab/members/ada/remove").status_code == 409


def test_with_a_second_admin_the_first_may_go(browser, world, ada, lab):
    lab.add(world.add_user("grace"), Role.ADMIN)
    assert browser(ada).post("/organizations/lab/leave").status_code == 303
    assert lab.role_of(ada) is None


def test_leaving_takes_the_rights_at_once(browser, world, lab):
    grace = world.add_user("grace")
    lab.add(grace, Role.READ)
    lab.add_space("secret", "private")
    me = browser(grace)
    assert me.get("/spaces/lab/secret").status_code == 200
    assert me.post("/organizations/lab/leave").status_code == 303
    assert me.get("/spaces/lab/secret").status_code == 404


def test_members_are_shown_to_members_alone(browser, world, lab):
    grace = world.add_user("grace")
    lab.add(grace, Role.READ)
    assert "ada" in browser(grace).get("/lab").text
    for outsider in (browser(), browser(world.add_user("linus"))):
        assert 'href="/ada"' not in outsider.get("/lab").text


def test_organisations_on_a_persons_page_are_shown_to_their_members_alone(browser, world, ada, lab):
    assert 'href="/lab"' in browser(ada).get("/ada").text
    assert 'href="/lab"' not in browser(world.add_user("linus")).get("/ada").text


def test_a_contributor_changes_what_they_made_and_nothing_else(browser, world, lab, parts):
    grace = world.add_user("grace")
    lab.add(grace, Role.CONTRIBUTOR)
    lab.add_space("theirs")
    with parts.database.writing() as session:
        create_space(session, session.get_one(Organization, lab.id), "mine", by=grace)
    me = browser(grace)
    assert me.get("/spaces/lab/mine/logs").status_code == 200
    assert me.get("/spaces/lab/theirs/logs").status_code == 403
