"""A plain OpenID client that knows only the provider's address: Authlib's, against a running hub."""

import re
import uuid
from html import unescape
from urllib.parse import urlsplit

import httpx2
import pytest
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from minispaces_contract.states import Sdk
from minispaces_platform.accounts import links, service
from minispaces_platform.models.card import SpaceCard, SpaceOAuth
from minispaces_platform.oauth.clients import environment_of
from minispaces_platform.spaces.service import create_space


@pytest.fixture
def app(hub):
    """The environment of an app, and where it is."""
    owner = f"o{uuid.uuid4().hex[:8]}"
    hub.add_user(owner)
    with hub.database.writing() as session:
        space = create_space(session, service.get_user(session, owner), "board")
        space.card = SpaceCard(sdk=Sdk.DOCKER, oauth=SpaceOAuth(scopes=("email",)))
        found = environment_of(space, hub.settings)
        return found | {"HOME_PAGE": hub.settings.url_of(f"{space.host_label}.{hub.settings.apps_domain}")}


@pytest.fixture
def browser(hub):
    url = f"http://127.0.0.1:{hub.settings.port}"
    with hub.database.writing() as session:
        user = service.find_user(session, "vera") or service.add_user(session, "vera")
        secret = links.create_login_link(session, user)
    with httpx2.Client(base_url=url, headers={"Origin": url, "Accept": "text/html"}) as made:
        assert made.post(f"/login/{secret}").status_code == 303
        yield made


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_it_signs_in_checks_who_it_is_refreshes_and_gives_back(hub, app, browser, method):
    where = httpx2.get(f"{app['OPENID_PROVIDER_URL']}/.well-known/openid-configuration").json()
    assert where["issuer"] == app["OPENID_PROVIDER_URL"]
    client = OAuth2Client(
        app["OAUTH_CLIENT_ID"], app["OAUTH_CLIENT_SECRET"], token_endpoint_auth_method=method,
        scope=app["OAUTH_SCOPES"], redirect_uri=f"{app['HOME_PAGE']}/callback", code_challenge_method="S256",
        revocation_endpoint_auth_method=method,
    )  # fmt: skip
    verifier, nonce = generate_token(48), generate_token(20)
    address, state = client.create_authorization_url(
        where["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    back = allow(browser, address)
    token = client.fetch_token(
        where["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    keys = KeySet.import_key_set(httpx2.get(where["jwks_uri"]).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=where["id_token_signing_alg_values_supported"])
    claims = CodeIDToken(
        decoded.claims, decoded.header,
        {"iss": {"value": where["issuer"]}, "aud": {"value": client.client_id}},
        {"nonce": nonce, "client_id": client.client_id, "access_token": token["access_token"]},
    )  # fmt: skip
    claims.validate()
    assert claims["preferred_username"] == "vera"
    assert client.get(where["userinfo_endpoint"]).json()["sub"] == claims["sub"]
    renewed = client.refresh_token(where["token_endpoint"])
    assert renewed["access_token"] != token["access_token"]
    assert client.revoke_token(where["revocation_endpoint"], renewed["refresh_token"]).status_code == 200
    assert client.get(where["userinfo_endpoint"]).status_code == 401


def allow(browser, address):
    """Where the browser is sent after the button."""
    parts = urlsplit(address)
    page = browser.get(f"{parts.path}?{parts.query}")
    if page.status_code != 303:
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        sent = {name: unescape(value) for name, value in fields.items()}
        page = browser.post(parts.path, data=sent | {"decision": "allow"})
    return page.headers["location"]
