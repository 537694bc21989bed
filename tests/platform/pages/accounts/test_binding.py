"""T8, T11 and T12: a sign-in ends in the browser that began it, once, on a page of ours, in a session of its own."""

from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import time_machine
from sqlalchemy import select

from minispaces_platform.database import now
from minispaces_platform.models.attempts import SignInAttempt

SESSION = "minispaces_session"


def test_a_sign_in_that_another_browser_began_is_refused(browser, new_browser, people):
    victim = new_browser()
    callback = browser.agree(browser.begin())
    answer = victim.client.get(callback)
    assert (answer.status_code, victim.name, people.names) == (400, None, [])
    assert "not begun in this browser" in answer.text


def test_a_browser_that_began_one_of_its_own_does_not_finish_anothers(browser, new_browser):
    victim = new_browser()
    victim.begin()
    assert victim.client.get(browser.agree(browser.begin())).status_code == 400
    assert victim.name is None


def test_a_sign_in_is_finished_once(browser, idp):
    callback = browser.agree(browser.begin())
    assert browser.client.get(callback).status_code == 303
    again = browser.client.get(callback)
    assert (again.status_code, "has been finished already" in again.text) == (400, True)
    assert idp.asked.count("/token") == 1


def test_a_stolen_code_is_worth_nothing_in_another_sign_in(browser, new_browser, idp, people):
    """PKCE: the code belongs to the verifier of the browser that asked for it."""
    thief = new_browser()
    stolen = parse_qs(urlsplit(browser.agree(browser.begin())).query)["code"][0]
    own = parse_qs(urlsplit(thief.begin()).query)["state"][0]
    assert thief.client.get(f"/login/with/company/callback?code={stolen}&state={own}").status_code == 400
    assert (idp.tokens, people.names) == ([], [])


def test_a_sign_in_at_one_provider_is_not_finished_as_anothers(browser, other_idp):
    callback = browser.agree(browser.begin())
    assert browser.client.get(callback.replace("company", "other")).status_code == 400
    assert other_idp.asked == []


def test_a_sign_in_that_took_too_long_is_refused(browser):
    """Whatever the browser does with the cookie's own end."""
    callback = browser.agree(browser.begin())
    cookies = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
    with time_machine.travel(now() + timedelta(minutes=11), tick=True):
        assert browser.client.get(callback, headers={"Cookie": cookies}).status_code == 400


@pytest.mark.parametrize("query", ["", "?code=x", "?state=", "?state=x&code=y", "?state=%00&code=%ff"])
def test_a_callback_out_of_nowhere_is_refused(browser, query):
    assert browser.client.get(f"/login/with/company/callback{query}").status_code == 400


def test_two_tabs_do_not_spoil_each_others_sign_in(browser):
    first, second = browser.begin(), browser.begin()
    assert browser.client.get(browser.agree(first)).status_code == 303
    assert browser.client.get(browser.agree(second)).status_code == 303


def test_what_is_stored_of_a_sign_in_finishes_none(browser, parts):
    address = browser.begin()
    with parts.database.reading() as session:
        row = session.scalars(select(SignInAttempt)).one()
    kept = {row.state_digest, row.browser_digest}
    sent = {value for values in parse_qs(urlsplit(address).query).values() for value in values}
    assert not kept & (sent | set(browser.client.cookies.values()))


def test_sign_ins_that_nobody_finished_are_forgotten(browser, parts):
    browser.begin()
    with time_machine.travel(now() + timedelta(minutes=11), tick=True):
        browser.begin()
    with parts.database.reading() as session:
        assert len(session.scalars(select(SignInAttempt)).all()) == 1


FORMS = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "http:///evil.example",
    "evil.example",
    "javascript:alert(1)",
    "/%2f%2fevil.example/..//x",
    "/%5Cevil.example",
    "/x\\..\\\\evil.example",
]
FORMS += ["", " //evil.example", "/\t/evil.example", "/\r\nSet-Cookie: a=b", "/\u2028/evil.example", "/" + "a" * 3000]


@pytest.mark.parametrize("form", FORMS)
def test_next_leads_to_a_page_of_ours_and_nowhere_else(browser, form):
    answer = browser.sign_in(f"/login/with/company?next={quote(form, safe='')}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_sign_in_begins_a_new_session_and_ends_the_one_before(browser, new_browser):
    browser.sign_in()
    before = browser.client.cookies[SESSION]
    browser.sign_in()
    assert browser.client.cookies[SESSION] != before
    replay = new_browser()
    replay.client.cookies.set(SESSION, before)
    assert replay.name is None


def test_a_session_that_somebody_planted_is_not_taken_over(browser, new_browser):
    browser.client.cookies.set(SESSION, "planted-by-somebody-else-0123456789abcdefghi")
    browser.sign_in()
    thief = new_browser()
    thief.client.cookies.set(SESSION, "planted-by-somebody-else-0123456789abcdefghi")
    assert thief.name is None


def test_a_session_is_over_once_its_owner_has_signed_out(browser, new_browser):
    browser.sign_in()
    saved = browser.client.cookies[SESSION]
    browser.client.post("/logout")
    replay = new_browser()
    replay.client.cookies.set(SESSION, saved)
    assert replay.name is None
    assert replay.client.get("/settings/account").status_code == 401


def test_signing_out_tells_how_to_sign_out_at_the_provider_too(browser, idp):
    browser.sign_in()
    answer = browser.client.post("/logout")
    assert answer.headers["location"] == "/login?out=company"
    page = browser.client.get("/login?out=company").text
    assert f'href="{idp.issuer}/leave?client_id=minispaces&amp;post_logout_redirect_uri=http%3A%2F%2Flocalhost' in page
    assert "Sign in with Company" in page
