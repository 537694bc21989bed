"""What is tried with tokens that were issued, by whoever holds them."""

import pytest
from sqlalchemy import select

from minispaces_contract.states import Sdk
from minispaces_platform.accounts.secrets import is_well_formed
from minispaces_platform.accounts.service import get_user, suspend
from minispaces_platform.database import now
from minispaces_platform.models.accounts import AccessToken
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.roles import Role, Visibility


def test_an_access_token_does_not_refresh_and_a_refresh_token_opens_nothing(signed_in, hello):
    tokens = hello.signs_in(signed_in)
    assert is_well_formed(tokens["access_token"])
    answer = hello.token(grant_type="refresh_token", refresh_token=tokens["access_token"])
    assert answer.json()["error"] == "invalid_grant"
    bearer = {"Authorization": f"Bearer {tokens['refresh_token']}"}
    assert hello.back.get("/api/whoami-v2", headers=bearer).status_code == 401


def test_a_refresh_cannot_get_more_than_was_granted_and_may_get_less(signed_in, hello):
    tokens = hello.signs_in(signed_in, scope="openid profile email")
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert hello.token(**fields, scope="openid profile read-repos").json()["error"] == "invalid_scope"
    less = hello.token(**fields, scope="openid profile")
    assert less.json()["scope"] == "openid profile"
    bearer = {"Authorization": f"Bearer {less.json()['access_token']}"}
    assert "email" not in hello.back.get("/oauth/userinfo", headers=bearer).json()


def test_a_refresh_token_is_no_good_to_another_client_or_without_the_secret(signed_in, hello, make_oauth_app):
    tokens = hello.signs_in(signed_in)
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert make_oauth_app("other").token(**fields).json()["error"] == "invalid_grant"
    assert hello.token(**fields, client_secret=None).json()["error"] == "invalid_grant"
    assert hello.token(**fields).status_code == 200


def test_a_stolen_refresh_token_ends_everything_when_it_is_used_again(signed_in, hello, time_machine):
    first = hello.signs_in(signed_in)
    fields = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = hello.token(**fields).json()
    time_machine.move_to(now().timestamp() + 120)
    assert hello.token(**fields).json()["error"] == "invalid_grant"
    assert hello.token(**fields | {"refresh_token": second["refresh_token"]}).json()["error"] == "invalid_grant"
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert hello.back.get("/oauth/userinfo", headers=bearer).status_code == 401


def test_userinfo_takes_no_cookie_and_no_personal_token(signed_in, ada, parts, hello):
    from minispaces_platform.accounts import tokens
    from minispaces_platform.models.scopes import Scope

    assert signed_in.get("/oauth/userinfo").status_code == 401
    with parts.database.writing() as session:
        token = tokens.create_token(session, ada, scope=Scope.WRITE)
    assert hello.back.get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_only_members_of_the_authorised_organisation_get_in(signed_in, ada, make_oauth_app, parts):
    app = make_oauth_app(organizations=("acme",))
    answer = app.asks(signed_in)
    assert answer.status_code == 403
    assert "for members of acme only" in answer.text
    with parts.database.writing() as session:
        acme = Organization(name="Acme")
        session.add(acme)
        session.flush()
        session.add(Membership(organization_id=acme.id, user_id=ada.id, role=Role.READ))
    tokens = app.signs_in(signed_in)
    with parts.database.writing() as session:
        session.query(Membership).delete()
    answer = app.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("end", ["hf_oauth off", "taken down", "suspended"])
def test_what_was_issued_ends_with_the_app_and_with_the_person(signed_in, hello, world, parts, end):
    tokens = hello.signs_in(signed_in)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert hello.back.get("/oauth/userinfo", headers=bearer).status_code == 200
    match end:
        case "hf_oauth off":
            world.change(hello.space, card=SpaceCard(sdk=Sdk.GRADIO))
        case "taken down":
            world.change(hello.space, taken_down_at=now())
        case "suspended":
            with parts.database.writing() as session:
                suspend(session, get_user(session, "ada"), reason="for the test")
    assert hello.back.get("/oauth/userinfo", headers=bearer).status_code in {401, 403}
    answer = hello.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert answer.json()["error"] in {"invalid_grant", "invalid_client"}


def test_a_token_that_only_says_who_they_are_reads_nothing_of_theirs(signed_in, ada, hello, world):
    secret = world.add_space(ada, "secret")
    world.change(secret, visibility=Visibility.PRIVATE)
    page = "/spaces/ada/secret"
    narrow = {"Authorization": f"Bearer {hello.signs_in(signed_in)['access_token']}"}
    assert hello.back.get(page, headers=narrow).status_code == 404
    wide = hello.signs_in(signed_in, scope="openid profile read-repos")["access_token"]
    assert hello.back.get(page, headers={"Authorization": f"Bearer {wide}"}).status_code == 200


def test_an_app_gets_nothing_of_an_admins_power(client, world, parts, make_oauth_app, bob):
    root = world.add_user("root", admin=True)
    client.post(f"/login/{world.make_login_link(root)}")
    secret = world.add_space(bob, "secret")
    world.change(secret, visibility=Visibility.PRIVATE)
    app = make_oauth_app(scopes=("write-repos", "manage-repos"))
    token = app.signs_in(client, scope="openid profile write-repos manage-repos")["access_token"]
    assert client.get("/spaces/bob/secret").status_code == 200
    bearer = {"Authorization": f"Bearer {token}"}
    assert app.back.get("/spaces/bob/secret", headers=bearer).status_code == 404
    assert app.back.get("/admin", headers=bearer).status_code == 404


def test_nothing_secret_is_stored(signed_in, hello, parts, settings):
    tokens = hello.signs_in(signed_in)
    stored = b"".join(path.read_bytes() for path in settings.data.glob("*.db*"))
    for secret in (tokens["access_token"], tokens["refresh_token"], hello.secret):
        assert secret.encode() not in stored
    with parts.database.reading() as session:
        assert session.scalar(select(AccessToken.restricted)) is True
