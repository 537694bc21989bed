"""The Hub's own question about a token, and the pictures it refers to."""

import pytest

from minispaces_platform.accounts import tokens
from minispaces_platform.models.scopes import Scope

INVALID = "Invalid credentials in Authorization header"


@pytest.fixture
def whoami(back):
    return lambda token: back.get("/api/whoami-v2", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_is_told_whose_it_is_and_its_role(whoami, ada, parts, scope):
    with parts.database.writing() as session:
        token = tokens.create_token(session, ada, scope=scope, name="laptop")
    about = whoami(token).json()
    assert (about["type"], about["name"], about["orgs"]) == ("user", "ada", [])
    assert about["auth"]["accessToken"]["displayName"] == "laptop"
    assert about["auth"]["accessToken"]["role"] == scope.value
    assert about["auth"]["accessToken"]["createdAt"].endswith("Z")


@pytest.mark.parametrize("token", ["", "hf_nothing", "msp_nothing"])
def test_a_bad_token_is_refused_in_the_words_that_clients_know(whoami, back, token):
    answer = whoami(token)
    assert (answer.status_code, answer.headers["x-error-message"]) == (401, INVALID)
    assert answer.json() == {"error": INVALID}
    assert back.get("/api/whoami-v2").status_code == 401


def test_a_token_for_some_spaces_is_fine_grained(whoami, ada, parts, world):
    space = world.add_space(ada, "one")
    with parts.database.writing() as session:
        token = tokens.create_token(session, ada, scope=Scope.WRITE, spaces=[space])
    assert whoami(token).json()["auth"]["accessToken"]["role"] == "fineGrained"


def test_a_picture_is_made_of_the_name_and_runs_nothing(back):
    answer = back.get("/avatars/%3Cscript%3E.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script" not in answer.text
    assert back.get("/avatars/ada.svg").text == back.get("/avatars/ada.svg").text
