"""An installation without public Spaces: every page leads a stranger to the ways in, and from there back."""

import pytest


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"public_spaces": False})


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/", ""),
        ("/spaces/ada/hello", "?next=%2Fspaces%2Fada%2Fhello"),
        ("/spaces/ada/missing?page=2", "?next=%2Fspaces%2Fada%2Fmissing%3Fpage%3D2"),
        ("/settings/account", "?next=%2Fsettings%2Faccount"),
    ],
)
def test_a_strangers_visit_leads_to_the_ways_in(browser, world, path, back):
    world.add_space(world.add_user("ada"), "hello")
    answer = browser.client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login{back}")


def test_signing_in_leads_back(browser, world):
    world.add_space(world.add_user("ada"), "hello")
    way = browser.client.get(browser.client.get("/spaces/ada/hello").headers["location"]).text
    path = way.partition('href="/login/with/company')[2].partition('"')[0]
    assert browser.sign_in(f"/login/with/company{path}").headers["location"] == "/spaces/ada/hello"
    assert browser.client.get("/spaces/ada/hello").status_code == 200


def test_the_ways_in_do_not_lead_in_a_circle(browser):
    assert browser.client.get("/login").status_code == 200


def test_programs_get_a_status_and_not_a_page(browser):
    answer = browser.client.get("/spaces/ada/hello", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "sign_in_needed")
