"""What had another name is found by it until somebody else takes that name."""

import pytest

from minispaces_platform.models.spaces import FormerSpaceName


def rename_me(client, name):
    return client.post("/settings/profile/name", data={"name": name})


def test_a_persons_addresses_lead_on(browser, ada, add_space):
    add_space(ada, "hello")
    me = browser(ada)
    assert rename_me(me, "lovelace").status_code == 303
    stranger = browser()
    assert stranger.get("/ada").headers["location"] == "/lovelace"
    moved = stranger.get("/spaces/Ada/hello/versions?before=3")
    assert (moved.status_code, moved.headers["location"]) == (307, "/spaces/lovelace/hello/versions?before=3")
    assert stranger.get(moved.headers["location"]).status_code == 200


def test_an_organisations_addresses_lead_on_and_keep_their_method(browser, ada, lab):
    me = browser(ada)
    assert me.post("/organizations/lab/name", data={"name": "vision"}).status_code == 303
    moved = me.post("/organizations/lab/members", data={"name": "ada", "role": "read"})
    assert (moved.status_code, moved.headers["location"]) == (307, "/organizations/vision/members")


@pytest.mark.parametrize("old", ["org", "settings2"])
def test_only_the_name_is_replaced_in_an_address(browser, ada, old):
    me = browser(ada)
    me.post("/organizations", data={"name": old})
    me.post(f"/organizations/{old}/name", data={"name": "vision"})
    assert me.get(f"/organizations/{old}/settings").headers["location"] == "/organizations/vision/settings"


def test_a_name_that_somebody_else_takes_is_theirs(browser, world, ada, add_space):
    add_space(ada, "hello")
    rename_me(browser(ada), "lovelace")
    world.add_user("ada")
    stranger = browser()
    assert stranger.get("/ada").status_code == 200
    assert stranger.get("/spaces/ada/hello").status_code == 401


def test_a_name_taken_since_leads_nowhere_else_when_its_new_owner_leaves_it(browser, world, ada):
    rename_me(browser(ada), "lovelace")
    rename_me(browser(world.add_user("ada")), "byron")
    assert browser().get("/ada").headers["location"] == "/byron"


def test_back_to_the_old_name_is_no_circle(browser, ada):
    me = browser(ada)
    rename_me(me, "lovelace")
    rename_me(me, "ada")
    assert me.get("/ada").status_code == 200
    assert me.get("/lovelace").headers["location"] == "/ada"


def test_another_case_is_the_same_name(browser, ada):
    me = browser(ada)
    assert rename_me(me, "Ada").status_code == 303
    assert "Ada" in me.get("/ada").text


@pytest.mark.parametrize("name", ["lab", "LAB", "admin", "favicon.ico", "..", "a b", ""])
def test_a_name_that_cannot_be_had_is_refused_on_the_page(browser, ada, lab, name):
    answer = rename_me(browser(ada), name)
    assert answer.status_code in {409, 422}
    assert 'role="alert"' in answer.text


def test_a_space_is_found_by_its_old_name(browser, ada, add_space, parts):
    space = add_space(ada, "hello")
    me = browser(ada)
    assert me.post("/spaces/ada/hello/settings/rename", data={"new_name": "hallo"}).status_code == 303
    assert browser().get("/spaces/ada/hello").headers["location"] == "/spaces/ada/hallo"
    with parts.database.reading() as session:
        assert session.get_one(type(space), space.id).host_label == space.host_label


def test_a_new_space_of_the_old_name_ends_the_trail(browser, ada, add_space):
    add_space(ada, "hello")
    browser(ada).post("/spaces/ada/hello/settings/rename", data={"new_name": "hallo"})
    add_space(ada, "hello")
    assert browser().get("/spaces/ada/hello").status_code == 200


def test_a_space_is_not_renamed_onto_another(browser, ada, add_space):
    add_space(ada, "hello")
    add_space(ada, "hallo")
    assert browser(ada).post("/spaces/ada/hello/settings/rename", data={"new_name": "Hallo"}).status_code == 409


def test_the_old_name_of_a_private_space_tells_a_stranger_nothing(browser, ada, add_space):
    add_space(ada, "hello", "private")
    browser(ada).post("/spaces/ada/hello/settings/rename", data={"new_name": "hallo"})
    assert browser().get("/spaces/ada/hello").status_code == 401


def test_a_display_name_is_text_whatever_it_holds(browser, ada):
    me = browser(ada)
    me.post("/settings/profile/full-name", data={"full_name": "<b>Ada</b>\u202e\0 L."})
    page = me.get("/ada").text
    assert "&lt;b&gt;Ada&lt;/b&gt; L." in page
    assert "<b>Ada" not in page


def test_nobody_renames_somebody_else(browser, world, ada):
    stranger = browser()
    assert rename_me(stranger, "mine").status_code == 401
    root = browser(world.add_user("root", admin=True))
    rename_me(root, "boss")
    assert root.get("/ada").status_code == 200


def test_a_name_taken_since_leads_nowhere_when_its_new_owner_is_gone(browser, world, ada):
    rename_me(browser(ada), "lovelace")
    grace = browser(world.add_user("grace"))
    grace.post("/organizations", data={"name": "ada"})
    assert grace.post("/organizations/ada/delete", data={"typed": "ada"}).status_code == 303
    assert grace.get("/ada").status_code == 404


def test_no_trail_stays_for_the_name_that_a_space_has(browser, ada, add_space, parts):
    add_space(ada, "hello")
    me = browser(ada)
    me.post("/spaces/ada/hello/settings/rename", data={"new_name": "hallo"})
    me.post("/spaces/ada/hallo/settings/rename", data={"new_name": "hello"})
    with parts.database.reading() as session:
        assert session.get(FormerSpaceName, (ada.id, "hello")) is None
        assert session.get(FormerSpaceName, (ada.id, "hallo")) is not None
