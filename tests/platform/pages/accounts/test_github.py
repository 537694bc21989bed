"""GitHub's own way: OAuth 2 with PKCE, and who somebody is from its API."""

import pytest
from sqlalchemy import select

from minispaces_platform.accounts.providers import Provider
from minispaces_platform.models.namespaces import Organization


@pytest.fixture
def rules(idp):
    idp.answers |= {
        "/api/user": {"id": 583231, "login": "Octo-Cat", "name": "Mona"},
        "/api/user/emails": [
            {"email": "old@example.com", "primary": False, "verified": True},
            {"email": "mona@example.com", "primary": True, "verified": True},
        ],
        "/api/user/orgs": [{"login": "acme"}],
        "/api/user/teams": [{"slug": "ml", "organization": {"login": "acme"}}],
    }
    return {
        "kind": "github",
        "api": f"{idp.issuer}/api",
        "organizations": {"acme": "acme:read", "acme/ml": "research:write"},
        "allowed_domains": ["example.com"],
    }


def test_the_number_is_the_subject_and_the_login_the_name(browser, people, idp):
    browser.sign_in()
    assert (browser.name, people.identities) == ("Octo-Cat", {(idp.issuer, "583231")})


def test_organisations_and_teams_are_groups(browser, world, people):
    browser.sign_in()
    with world.parts.database.reading() as session:
        assert set(session.scalars(select(Organization.name))) == {"acme", "research"}


def test_a_login_that_changed_hands_is_somebody_else(browser, new_browser, idp, people):
    browser.sign_in()
    idp.answers["/api/user"] = {"id": 666, "login": "Octo-Cat"}
    thief = new_browser()
    thief.sign_in()
    assert (people.names, thief.name) == (["Octo-Cat", "Octo-Cat-2"], "Octo-Cat-2")


def test_an_email_that_is_not_verified_passes_no_allow_list(browser, idp):
    idp.answers["/api/user/emails"] = [{"email": "mona@example.com", "primary": True, "verified": False}]
    assert browser.sign_in().status_code == 403


@pytest.mark.parametrize("user", [{}, {"id": "583231"}, {"id": True}, {"id": None}, [], (401, {}), (403, {})])
def test_an_answer_without_a_number_signs_nobody_in(browser, idp, people, user):
    idp.answers["/api/user"] = user
    assert browser.sign_in().status_code == 400
    assert people.names == []


def test_an_error_with_status_200_as_github_has_it_signs_nobody_in(browser, idp, people):
    idp.answers["/login/oauth/access_token"] = {"error": "bad_verification_code", "error_description": "expired"}
    assert browser.sign_in().status_code == 400
    assert people.names == []


def test_the_presets_know_where_github_and_gitlab_are():
    common = {"client_id": "x", "client_secret": "y"}
    github = Provider(name="github", kind="github", **common)
    assert (github.issuer, github.github_api, github.title) == (
        "https://github.com", "https://api.github.com", "GitHub",
    )  # fmt: skip
    enterprise = Provider(name="ghe", kind="github", issuer="https://git.example.com", **common)
    assert enterprise.github_api == "https://git.example.com/api/v3"
    gitlab = Provider(name="gitlab", kind="gitlab", **common)
    assert (gitlab.issuer, gitlab.groups_claim, gitlab.scopes[0]) == ("https://gitlab.com", "groups", "openid")
