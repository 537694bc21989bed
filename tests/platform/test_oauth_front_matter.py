"""`hf_oauth` and what goes with it, from the front matter into the app's environment."""

import pytest

from minispaces_contract.messages import Hardware
from minispaces_platform.deployments.world import environment_of
from minispaces_platform.models.card import SpaceOAuth
from minispaces_platform.models.namespaces import Namespace, NamespaceKind
from minispaces_platform.models.spaces import Space
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.config import read_config
from minispaces_platform.spaces.frontmatter import FrontMatterError


def read(*lines):
    return read_config("\n".join(["---", "sdk: gradio", *lines, "---"]).encode())


def test_without_it_there_is_no_client():
    assert read("hf_oauth_scopes: [email]").card.oauth is None
    assert read("hf_oauth: false").card.oauth is None


def test_the_hubs_own_defaults():
    assert read("hf_oauth: true").card.oauth == SpaceOAuth(scopes=(), minutes=480, organizations=())


def test_scopes_lifetime_and_organisations():
    card = read(
        "hf_oauth: true",
        "hf_oauth_scopes:",
        " - read-repos",
        " - email",
        "hf_oauth_expiration_minutes: 43200",
        "hf_oauth_authorized_org: [acme, Other-Org]",
    ).card
    assert card.oauth == SpaceOAuth(scopes=("read-repos", "email"), minutes=43200, organizations=("acme", "Other-Org"))
    assert read("hf_oauth: true", "hf_oauth_authorized_org: acme").card.oauth.organizations == ("acme",)


def test_an_unknown_scope_is_left_out_with_a_warning():
    config = read("hf_oauth: true", "hf_oauth_scopes: [email, everything]")
    assert config.card.oauth.scopes == ("email",)
    assert config.app.warnings == ("hf_oauth_scopes: unknown and left out: everything",)


@pytest.mark.parametrize(
    "line",
    [
        "hf_oauth_expiration_minutes: 0",
        "hf_oauth_expiration_minutes: 43201",
        "hf_oauth_expiration_minutes: 1e3",
        "hf_oauth_expiration_minutes: [1]",
        "hf_oauth_authorized_org: {acme: true}",
        "hf_oauth_authorized_org: [[acme]]",
        "hf_oauth_authorized_org: ['a b']",
    ],
)
def test_a_limit_that_cannot_be_read_is_refused_and_not_ignored(line):
    with pytest.raises(FrontMatterError, match="hf_oauth_"):
        read("hf_oauth: true", line)


def test_the_app_finds_its_client_in_its_environment(tmp_path):
    settings = PlatformSettings(data=tmp_path, domain="hub.example", scheme="https", port=443)
    owner = Namespace(id="1" * 32, kind=NamespaceKind.USER, name="bob")
    space = Space(id="2" * 32, owner=owner, owner_id=owner.id, name="hello", host_label="bob-hello")
    space.card = read("hf_oauth: true", "hf_oauth_scopes: [email]").card
    found = environment_of(space, Hardware(), settings)
    assert found["OPENID_PROVIDER_URL"] == "https://hub.example"
    assert found["OAUTH_SCOPES"] == "openid profile email"
    assert found["OAUTH_CLIENT_ID"] == "22222222-2222-2222-2222-222222222222"
    assert len(found["OAUTH_CLIENT_SECRET"]) == 64
    assert found == environment_of(space, Hardware(), settings)
    space.card = read().card
    assert not [name for name in environment_of(space, Hardware(), settings) if name.startswith("OAUTH")]
