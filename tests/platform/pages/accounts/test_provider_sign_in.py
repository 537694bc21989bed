"""Signing in at a provider, and who that makes somebody here."""

import contextlib
import socket

import pytest
from pydantic import SecretStr
from support.ports import free_port

from minispaces_platform.accounts import oauth
from minispaces_platform.database import now


def test_a_first_sign_in_makes_an_account_and_a_session(browser, people, idp):
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.name == "Ada"
    assert people.identities == {(idp.issuer, "1")}


def test_a_second_sign_in_finds_the_account_whatever_else_has_changed(browser, new_browser, people, idp):
    browser.sign_in()
    idp.person = {"sub": "1", "preferred_username": "countess", "email": "new@example.com"}
    other = new_browser()
    other.sign_in()
    assert (people.names, other.name) == (["Ada"], "Ada")


def test_one_is_led_to_the_page_that_one_came_for(browser):
    page = browser.client.get("/login?next=/spaces/ada/hello%3Fpage=2").text
    assert 'href="/login/with/company?next=%2Fspaces%2Fada%2Fhello%3Fpage%3D2"' in page
    answer = browser.sign_in("/login/with/company?next=%2Fspaces%2Fada%2Fhello%3Fpage%3D2")
    assert answer.headers["location"] == "/spaces/ada/hello?page=2"


def test_the_same_email_at_another_provider_is_somebody_else(browser, new_browser, people, idp, other_idp):
    """T10: e-mail proves nothing, verified or not."""
    mail = {"email": "ada@example.com", "email_verified": True}
    idp.person |= mail
    other_idp.person = {"sub": "666", "preferred_username": "Ada", **mail}
    browser.sign_in()
    thief = new_browser()
    thief.sign_in("/login/with/other")
    assert (people.names, browser.name, thief.name) == (["Ada", "Ada-2"], "Ada", "Ada-2")


def test_the_same_subject_at_another_provider_is_somebody_else(browser, new_browser, people):
    browser.sign_in()
    new_browser().sign_in("/login/with/other")
    assert people.names == ["Ada", "Ada-2"]


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "ada@corp.example"}, "ada"),
        ({"preferred_username": "Ada Lovelace"}, "Ada-Lovelace"),
        ({"preferred_username": "../../admin", "nickname": "Zoë"}, "Zoe"),
        ({"preferred_username": "login", "email": "grace.hopper@example.com"}, "grace-hopper"),
        ({"preferred_username": "<script>alert(1)</script>"}, "script-alert-1-script"),
        ({"preferred_username": ["a"], "name": 7}, "user"),
        ({"preferred_username": "日本"}, "user"),
        ({}, "user"),
    ],
)
def test_a_user_name_is_made_of_the_first_hint_that_makes_one(browser, idp, claims, name):
    idp.person = {"sub": "1", **claims}
    browser.sign_in()
    assert browser.name == name


def test_somebody_suspended_is_told_so_and_not_signed_in(browser, new_browser, world, people):
    browser.sign_in()
    world.change(people.named("Ada"), suspended_at=now(), suspended_reason="spam")
    again = new_browser()
    answer = again.sign_in()
    assert (answer.status_code, again.name) == (403, None)
    assert "spam" in answer.text


def test_declining_at_the_provider_is_no_fault(browser):
    state = browser.begin().partition("state=")[2].partition("&")[0]
    answer = browser.client.get(f"/login/with/company/callback?error=access_denied&state={state}")
    assert (answer.status_code, "you declined" in answer.text) == (400, True)


def test_a_provider_that_does_not_answer_is_named(browser, parts):
    gone = {"issuer": f"http://127.0.0.1:{free_port()}", "name": "gone"}
    parts.settings.providers = (parts.settings.providers[0].model_copy(update=gone),)
    answer = browser.client.get("/login/with/gone")
    assert (answer.status_code, "Gone does not answer." in answer.text) == (502, True)


def test_a_provider_that_is_away_is_left_alone_for_a_moment(browser, parts, monkeypatch):
    """Else its outage would be ours: each stranger would keep a thread waiting."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr(oauth, "TIMEOUT", 0.2)
        silent_one = parts.settings.providers[0].model_copy(update={"issuer": address})
        parts.settings.providers = (silent_one,)
        assert [browser.client.get("/login/with/company").status_code for _ in range(5)] == [502] * 5
        assert _connections(silent) == 1


def _connections(listener):
    listener.setblocking(False)
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            count += 1
    return count


def test_a_client_without_a_secret_has_pkce_alone(browser, idp, parts):
    idp.client_secret = ""
    parts.settings.providers = (parts.settings.providers[0].model_copy(update={"client_secret": SecretStr("")}),)
    browser.sign_in()
    assert browser.name == "Ada"


def test_a_provider_that_is_not_configured_is_not_there(browser):
    assert browser.client.get("/login/with/nobody").status_code == 404
