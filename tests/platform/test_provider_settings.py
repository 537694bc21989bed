"""`MINISPACES_PROVIDERS`, as the platform reads it at its start."""

import json

import pytest
from pydantic import ValidationError

from minispaces_platform.models.roles import Role
from minispaces_platform.settings import PlatformSettings

GOOD = {"name": "company", "issuer": "https://login.example.com", "client_id": "minispaces", "client_secret": "hush"}


@pytest.fixture
def read(monkeypatch):
    def settings(written, **variables):
        text = written if isinstance(written, str) else json.dumps(written)
        monkeypatch.setenv("MINISPACES_PROVIDERS", text)
        for name, value in variables.items():
            monkeypatch.setenv(f"MINISPACES_{name.upper()}", value)
        return PlatformSettings()

    return settings


@pytest.mark.parametrize("nothing", ["", " ", "[]"])
def test_without_a_list_there_is_no_provider(read, nothing):
    assert read(nothing).providers == ()


def test_a_provider_is_found_by_its_name(read):
    found = read([GOOD, GOOD | {"name": "second"}]).provider("company")
    assert (found.issuer, found.title, found.scopes) == (GOOD["issuer"], "Company", ("openid", "profile", "email"))


def test_groups_are_mapped_to_organisations_and_roles(read):
    mapping = {"ml": "research:write", "a:b": "web:admin"}
    (provider,) = read([GOOD | {"organizations": mapping}]).providers
    assert provider.memberships == (("ml", "research", Role.WRITE), ("a:b", "web", Role.ADMIN))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Not a name"}, "name"),
        ({"kind": "saml"}, "kind"),
        ({"issuer": ""}, "is not an address"),
        ({"issuer": "login.example.com"}, "is not an address"),
        ({"issuer": "https://login.example.com/?tenant=1"}, "is not an address"),
        ({"client_id": ""}, "client_id"),
        ({"organizations": {"ml": "research"}}, "is not an organisation and a role"),
        ({"organizations": {"ml": "research:owner"}}, "is not an organisation and a role"),
        ({"organizations": {"ml": "settings:write"}}, "organizations"),
        ({"allowed_domain": ["example.com"]}, "allowed_domain"),
    ],
)
def test_a_mistake_is_named_and_no_secret_shown(read, change, words):
    with pytest.raises(ValidationError) as caught:
        read([GOOD | change])
    assert words in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "7", '{"name": "hush"}', '"hush"'])
def test_what_is_no_list_is_refused_without_showing_it(read, text):
    with pytest.raises(ValidationError) as caught:
        read(text)
    assert "hush" not in str(caught.value)


def test_two_of_one_name_are_refused(read):
    with pytest.raises(ValidationError, match="two providers have the same name"):
        read([GOOD, GOOD])


def test_a_hub_with_https_takes_no_open_provider(read):
    with pytest.raises(ValidationError, match="needs an issuer with https"):
        read([GOOD | {"issuer": "http://login.example.com"}], scheme="https")
    assert read([GOOD | {"issuer": "http://login.example.com"}], scheme="http").providers
