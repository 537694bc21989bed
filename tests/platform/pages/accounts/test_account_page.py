"""What signs somebody in, for them to see and to end."""

import re

import pytest
from sqlalchemy import select

from minispaces_platform.database import now
from minispaces_platform.models.accounts import AccessToken, LoginSession
from minispaces_platform.models.audit import AuditEvent

ACCOUNT = "/settings/account"


@pytest.fixture
def page(browser):
    browser.sign_in()
    return lambda: browser.client.get(ACCOUNT).text


@pytest.fixture
def actions(parts):
    def read():
        with parts.database.reading() as session:
            return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))

    return read


def test_strangers_and_tokens_do_not_see_it(browser, page):
    made = browser.client.post(f"{ACCOUNT}/tokens", data={"name": "ci", "scope": "write", "expiry": "90"}).text
    token = re.search(r"msp_[\w-]{20,}", made)[0]
    browser.client.cookies.clear()
    assert browser.client.get(ACCOUNT).status_code == 401
    assert browser.client.get(ACCOUNT, headers={"Authorization": f"Bearer {token}"}).status_code == 403


class TestSessions:
    def test_shows_each_browser_and_which_one_is_this(self, page, new_browser):
        phone = new_browser()
        phone.client.headers["User-Agent"] = (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1"
        )
        phone.sign_in()
        text = page()
        assert "Safari on iPhone" in text
        assert text.count("This one") == 1
        assert "by Company" in text

    def test_strangers_end_none(self, page, new_browser):
        other = new_browser()
        other.sign_in()
        path = re.search(rf'action="({ACCOUNT}/sessions/\w+/end)"', page())[1]
        assert new_browser().client.post(path).status_code == 401
        assert other.name == "Ada"

    def test_ended_ones_are_over_at_once(self, page, browser, new_browser, actions):
        other = new_browser()
        other.sign_in()
        browser.client.post(re.search(rf'action="({ACCOUNT}/sessions/\w+/end)"', page())[1])
        assert (other.name, browser.name) == (None, "Ada")
        assert actions()[-1] == "session.end"

    def test_all_others_can_be_ended(self, page, browser, new_browser, actions):
        others = [new_browser(), new_browser()]
        for other in others:
            other.sign_in()
        browser.client.post(f"{ACCOUNT}/sessions/end-others")
        assert [other.name for other in others] == [None, None]
        assert (browser.name, actions()[-1]) == ("Ada", "session.end_others")

    def test_somebody_elses_cannot_be_ended(self, page, browser, new_browser, idp, people):
        idp.person = {"sub": "2", "preferred_username": "grace"}
        grace = new_browser()
        grace.sign_in()
        with people.parts.database.reading() as session:
            hers = session.scalars(select(LoginSession).where(LoginSession.user_id == people.named("grace").id)).one()
        assert browser.client.post(f"{ACCOUNT}/sessions/{hers.id}/end").status_code == 303
        assert grace.name == "grace"


class TestTokens:
    def make(self, browser, **fields):
        data = {"name": "laptop", "scope": "write", "expiry": "90", "limit": "all", **fields}
        return browser.client.post(f"{ACCOUNT}/tokens", data=data)

    def token(self, answer):
        return re.search(r"msp_[\w-]+(?=</code></pre>)", answer.text)[0]

    def test_is_shown_once_and_only_its_beginning_later(self, page, browser, parts, actions):
        answer = self.make(browser)
        token = self.token(answer)
        assert answer.headers["cache-control"] == "no-store"
        assert token not in page()
        assert token[:9] in page()
        assert "laptop" in page()
        assert actions()[-1] == "token.create"
        with parts.database.reading() as session:
            assert token not in str(session.scalars(select(AuditEvent)).all())

    def test_works_until_it_is_revoked(self, page, browser, new_browser, actions):
        token = self.token(self.make(browser))
        program = new_browser().client
        program.headers["Authorization"] = f"Bearer {token}"
        assert program.get("/").status_code == 200
        browser.client.post(re.search(rf'action="({ACCOUNT}/tokens/\w+/revoke)"', page())[1])
        assert program.get("/").status_code == 401
        assert actions()[-1] == "token.revoke"

    def test_may_be_good_for_some_spaces_only(self, page, browser, world, people, new_browser):
        ada = people.named("Ada")
        mine, other = world.add_space(ada, "mine"), world.add_space(ada, "other")
        for space in (mine, other):
            world.change(space, visibility="private")
        token = self.token(self.make(browser, limit="chosen", space=[mine.id]))
        assert "for Ada/mine," in page()
        program = new_browser().client
        program.headers["Authorization"] = f"Bearer {token}"
        assert program.get("/spaces/Ada/mine").status_code == 200
        assert program.get("/spaces/Ada/other").status_code == 404

    def test_is_never_good_for_somebody_elses_spaces(self, page, browser, world):
        theirs = world.add_space(world.add_user("grace"), "hello")
        answer = self.make(browser, limit="chosen", space=[theirs.id])
        assert (answer.status_code, "No Space was chosen." in answer.text) == (422, True)

    @pytest.mark.parametrize(
        "fields",
        [
            {"name": " "},
            {"name": "a" * 101},
            {"scope": "admin"},
            {"expiry": "1000"},
            {"expiry": "-1"},
            {"limit": "chosen"},
            {"limit": "all", "space": ["some-space"]},
        ],
    )
    def test_a_form_with_a_fault_comes_back_and_makes_none(self, page, browser, parts, fields):
        answer = self.make(browser, **fields)
        assert (answer.status_code, "token-error" in answer.text) == (422, True)
        with parts.database.reading() as session:
            assert session.scalars(select(AccessToken)).all() == []

    def test_ends_when_its_form_said(self, page, browser, parts):
        self.make(browser, expiry="7")
        self.make(browser, expiry="never")
        with parts.database.reading() as session:
            days = [row.expires_at and (row.expires_at - now()).days for row in session.scalars(select(AccessToken))]
        assert days == [6, None]


class TestIdentities:
    def link(self, browser, name="other"):
        """As the form and then the link on the page between do it."""
        answer = browser.client.post(f"{ACCOUNT}/identities", data={"provider": name})
        address = re.search(r'class="button button-main" href="([^"]+)"', answer.text)[1].replace("&amp;", "&")
        return browser.client.get(browser.agree(address))

    def test_another_provider_leads_to_the_same_account(self, page, browser, new_browser, people):
        answer = self.link(browser)
        assert (answer.status_code, answer.headers["location"]) == (303, ACCOUNT)
        elsewhere = new_browser()
        elsewhere.sign_in("/login/with/other")
        assert (people.names, elsewhere.name) == (["Ada"], "Ada")

    def test_one_that_is_somebody_elses_is_refused(self, page, browser, new_browser, people):
        new_browser().sign_in("/login/with/other")
        answer = self.link(browser)
        assert (answer.status_code, "already signs somebody else in" in answer.text) == (409, True)
        assert people.names == ["Ada", "Ada-2"]
        assert len(people.identities) == 2

    def test_a_page_of_somebody_elses_adds_none(self, page, browser):
        """Else an identity of theirs would lead to this account."""
        foreign = {"Origin": "http://app.apps.localhost:8080"}
        answer = browser.client.post(f"{ACCOUNT}/identities", data={"provider": "other"}, headers=foreign)
        assert answer.status_code == 403

    def test_none_is_added_to_whoever_signed_in_meanwhile(self, page, browser, people, world):
        answer = browser.client.post(f"{ACCOUNT}/identities", data={"provider": "other"})
        address = re.search(r'class="button button-main" href="([^"]+)"', answer.text)[1].replace("&amp;", "&")
        callback = browser.agree(address)
        browser.client.post(f"/login/{world.make_login_link(world.add_user('grace'))}")
        assert browser.client.get(callback).status_code == 400
        assert len(people.identities) == 1

    def test_one_of_two_can_be_removed_and_the_last_one_not(self, page, browser, new_browser, people, actions):
        assert "/remove" not in page()
        self.link(browser)
        elsewhere = new_browser()
        elsewhere.sign_in("/login/with/other")
        first, second = re.findall(rf'action="({ACCOUNT}/identities/\w+/remove)"', page())
        browser.client.post(second)
        assert (elsewhere.name, browser.name) == (None, "Ada"), "its sessions end, others stay"
        assert actions()[-1] == "identity.remove"
        assert browser.client.post(first).status_code == 409
        assert len(people.identities) == 1

    def test_a_removed_identity_makes_an_account_of_its_own(self, page, browser, new_browser, people):
        self.link(browser)
        browser.client.post(re.findall(rf'action="({ACCOUNT}/identities/\w+/remove)"', page())[1])
        new_browser().sign_in("/login/with/other")
        assert people.names == ["Ada", "Ada-2"]
