"""A provider's groups give organisations, the admin role and the way in, and take them back."""

import pytest
from sqlalchemy import select

from minispaces_platform.audit.service import COMMAND_LINE
from minispaces_platform.models.accounts import User
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.roles import Role
from minispaces_platform.namespaces.service import find_namespace, rename

MAPPING = {"ml": "research:write", "ml-leads": "research:admin", "web": "web:contributor"}


@pytest.fixture
def rules():
    return {"organizations": MAPPING, "admin_groups": ["platform-admins"]}


@pytest.fixture
def roles(parts):
    def of(name):
        with parts.database.reading() as session:
            user = session.scalars(select(User).where(User.name == name)).one()
            held = session.scalars(select(Membership).where(Membership.user_id == user.id)).all()
            return {session.get_one(Organization, each.organization_id).name: each.role.value for each in held}

    return of


def sign_in_with(browser, idp, *groups):
    idp.person["groups"] = list(groups)
    assert browser.sign_in().status_code == 303


def test_groups_become_roles_in_organisations_which_are_made(browser, idp, roles):
    sign_in_with(browser, idp, "ml", "web", "somebody-elses")
    assert roles("Ada") == {"research": "write", "web": "contributor"}


def test_of_two_groups_the_higher_role_counts(browser, idp, roles):
    sign_in_with(browser, idp, "ml-leads", "ml")
    assert roles("Ada") == {"research": "admin"}


def test_what_the_provider_no_longer_says_is_taken_back(browser, idp, roles):
    sign_in_with(browser, idp, "ml-leads", "web")
    sign_in_with(browser, idp, "ml")
    assert roles("Ada") == {"research": "write"}
    del idp.person["groups"]
    browser.sign_in()
    assert roles("Ada") == {}


def test_what_people_gave_by_hand_stays_and_is_not_raised(browser, idp, roles, parts, people):
    browser.sign_in()
    with parts.database.writing() as session:
        research = Organization(name="research")
        session.add(research)
        session.flush()
        member = Membership(organization_id=research.id, user_id=people.named("Ada").id, role=Role.READ)
        session.add(member)
    sign_in_with(browser, idp, "ml-leads")
    assert roles("Ada") == {"research": "read"}
    sign_in_with(browser, idp)
    assert roles("Ada") == {"research": "read"}


def test_another_provider_neither_gives_nor_takes_what_this_one_gave(browser, new_browser, idp, other_idp, roles):
    sign_in_with(browser, idp, "ml")
    other_idp.person = {"sub": "9", "groups": ["ml", "platform-admins"], "preferred_username": "eve"}
    new_browser().sign_in("/login/with/other")
    assert (roles("Ada"), roles("eve")) == ({"research": "write"}, {})


def test_an_organisation_that_was_renamed_is_still_the_one(browser, idp, roles, parts):
    sign_in_with(browser, idp, "ml")
    with parts.database.writing() as session:
        rename(session, COMMAND_LINE, find_namespace(session, "research"), name="science")
    sign_in_with(browser, idp, "ml-leads")
    assert roles("Ada") == {"science": "admin"}


def test_an_organisations_name_that_a_person_has_gives_nothing(browser, idp, world, roles):
    world.add_user("research")
    sign_in_with(browser, idp, "ml", "web")
    assert roles("Ada") == {"web": "contributor"}


def test_the_admin_role_comes_and_goes_with_its_group(browser, new_browser, idp, people):
    sign_in_with(browser, idp, "platform-admins")
    assert people.named("Ada").is_admin
    elsewhere = new_browser()
    sign_in_with(elsewhere, idp)
    assert not people.named("Ada").is_admin
    assert (browser.name, elsewhere.name) == (None, "Ada"), "losing the role ends the sessions that had it"


def test_an_admin_by_hand_stays_one(browser, idp, people, world):
    browser.sign_in()
    world.change(people.named("Ada"), is_admin=True)
    sign_in_with(browser, idp)
    assert people.named("Ada").is_admin


@pytest.mark.parametrize("groups", ["platform-admins-not", [["platform-admins"]], {"platform-admins": True}, 7])
def test_groups_of_another_shape_give_nothing(browser, idp, people, groups):
    idp.person["groups"] = groups
    browser.sign_in()
    assert not people.named("Ada").is_admin


def test_every_change_is_in_the_audit_log(browser, idp, parts):
    sign_in_with(browser, idp, "ml", "platform-admins")
    sign_in_with(browser, idp)
    with parts.database.reading() as session:
        actions = list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))
    came = ["user.create", "identity.add", "organization.create", "membership.set", "user.admin", "account.sign_in"]
    assert sorted(actions) == sorted([*came, "membership.remove", "user.admin", "account.sign_in"])


class TestAllowList:
    @pytest.fixture
    def rules(self):
        return {"allowed_domains": ["Example.com"], "allowed_groups": ["guests"]}

    @pytest.mark.parametrize(
        "claims",
        [
            {"email": "ada@EXAMPLE.com", "email_verified": True},
            {"groups": ["guests"]},
        ],
    )
    def test_lets_in_a_verified_domain_or_a_group(self, browser, idp, claims):
        idp.person |= claims
        browser.sign_in()
        assert browser.name == "Ada"

    @pytest.mark.parametrize(
        "claims",
        [
            {},
            {"email": "ada@example.com"},
            {"email": "ada@example.com", "email_verified": False},
            {"email": "ada@example.com", "email_verified": "true"},
            {"email": "ada@notexample.com", "email_verified": True},
            {"email": "ada@example.com.evil.test", "email_verified": True},
            {"email": "ada@example.com@evil.test", "email_verified": True},
            {"email": "example.com", "email_verified": True},
            {"groups": ["Guests"]},
        ],
    )
    def test_leaves_out_everybody_else(self, browser, idp, people, claims):
        idp.person |= claims
        assert browser.sign_in().status_code == 403
        assert people.names == []

    def test_leaves_out_who_was_let_in_before(self, browser, new_browser, idp):
        idp.person |= {"groups": ["guests"]}
        browser.sign_in()
        idp.person |= {"groups": []}
        again = new_browser()
        assert (again.sign_in().status_code, again.name) == (403, None)
