"""Code, consent and tokens, as a well-behaved app goes through them."""

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from minispaces_platform.database import now
from minispaces_platform.models.accounts import Identity

from .conftest import CHALLENGE, VERIFIER, press, sent_back


def claims_in(back, id_token):
    keys = KeySet.import_key_set(back.get("/.well-known/jwks.json").json())
    return jwt.decode(id_token, keys, algorithms=["RS256"]).claims


def test_the_page_says_who_asks_for_what_as_whom(signed_in, hello):
    page = hello.asks(signed_in, scope="openid profile email")
    assert page.status_code == 200
    for words in ("Sign in to <bdi>Hello</bdi>", "bob/hello", "see your e-mail address", "Allow, as ada"):
        assert words in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "form-action 'self' http://bob-hello.apps.localhost:8080;" in page.headers["content-security-policy"]


def test_a_code_becomes_tokens_that_say_who_it_is(signed_in, ada, hello, settings):
    answer = hello.redeems(hello.code(signed_in))
    assert answer.status_code == 200
    tokens = answer.json()
    assert tokens["access_token"].startswith("msp_oauth_")
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 480 * 60, "openid profile")
    assert answer.headers["cache-control"] == "no-store"
    claims = claims_in(hello.back, tokens["id_token"])
    assert (claims["iss"], claims["aud"], claims["sub"]) == (settings.hub_url, hello.id, ada.id)
    assert (claims["preferred_username"], claims["nonce"]) == ("ada", "n1")
    assert claims["picture"] == f"{settings.hub_url}/avatars/ada.svg"
    assert claims["auth_time"] <= claims["iat"] < claims["exp"]
    assert "email" not in claims


def test_what_was_allowed_is_not_asked_again_and_more_is(signed_in, hello):
    hello.code(signed_in)
    assert hello.asks(signed_in).status_code == 303
    assert hello.asks(signed_in, scope="openid profile email").status_code == 200
    assert hello.asks(signed_in, prompt="consent").status_code == 200


def test_saying_no_goes_back_with_nothing(signed_in, hello):
    fields = sent_back(press(signed_in, hello.asks(signed_in), "deny"))
    assert (fields["error"], fields["state"]) == ("access_denied", "s1")
    assert "code" not in fields
    assert hello.asks(signed_in).status_code == 200


def test_the_answer_names_its_issuer_and_keeps_the_apps_own_query(signed_in, hello, settings):
    fields = sent_back(press(signed_in, hello.asks(signed_in)))
    assert (fields["state"], fields["iss"], fields["_target_url"]) == ("s1", settings.hub_url, "/")


def test_whoever_is_not_signed_in_signs_in_first_and_comes_back(client, hello, world, ada):
    answer = hello.asks(client)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2Foauth%2Fauthorize%3F")
    assert sent_back(hello.asks(client, prompt="none"))["error"] == "login_required"


def test_after_signing_in_a_page_leads_on_so_that_no_form_is_redirected_to_another_host(signed_in, hello):
    hello.code(signed_in)
    page = hello.asks(signed_in, signed_in="1")
    assert page.status_code == 200
    assert 'http-equiv="refresh" content="0; url=/oauth/authorize?' in page.text
    assert "signed_in" not in page.text


def test_without_a_question_nothing_is_shown(signed_in, hello):
    assert sent_back(hello.asks(signed_in, prompt="none"))["error"] == "consent_required"
    hello.code(signed_in)
    assert "code" in sent_back(hello.asks(signed_in, prompt="none"))


def test_a_sign_in_older_than_the_app_takes_is_refused(signed_in, hello):
    hello.code(signed_in)
    assert "code" in sent_back(hello.asks(signed_in, max_age="600"))
    assert sent_back(hello.asks(signed_in, max_age="0"))["error"] == "login_required"


@pytest.mark.parametrize("secret", ["as ever", None])
def test_pkce_works_with_and_without_the_secret(signed_in, hello, secret):
    code = hello.code(signed_in, code_challenge=CHALLENGE, code_challenge_method="S256")
    answer = hello.redeems(code, code_verifier=VERIFIER, client_secret=hello.secret if secret else None)
    assert answer.status_code == 200
    assert ("refresh_token" in answer.json()) == bool(secret)


def test_the_secret_may_come_as_basic(signed_in, hello):
    fields = {"grant_type": "authorization_code", "code": hello.code(signed_in), "redirect_uri": hello.redirect_uri}
    assert hello.back.post("/oauth/token", data=fields, auth=(hello.id, hello.secret)).status_code == 200


def test_userinfo_answers_any_origin_with_what_was_granted(signed_in, ada, hello, parts):
    with parts.database.writing() as session:
        session.add(Identity(issuer="https://id.example", subject="1", user_id=ada.id, email="ada@example.org"))
    token = hello.signs_in(signed_in, scope="openid profile email")["access_token"]
    answer = hello.back.get(
        "/oauth/userinfo", headers={"Authorization": f"Bearer {token}", "Origin": "http://x.example"}
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (answer.json()["preferred_username"], answer.json()["email"]) == ("ada", "ada@example.org")
    assert answer.json()["email_verified"] is False
    asked = hello.back.options("/oauth/userinfo", headers={"Origin": "http://x.example"})
    assert "Authorization" in asked.headers["access-control-allow-headers"]


def test_a_refresh_token_is_replaced_by_its_use(signed_in, hello):
    first = hello.signs_in(signed_in)
    second = hello.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert second.status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert second.json()["access_token"] != first["access_token"]


def test_the_lifetime_is_what_the_space_asks_for(signed_in, make_oauth_app, time_machine):
    app = make_oauth_app(minutes=30)
    tokens = app.signs_in(signed_in)
    assert tokens["expires_in"] == 1800
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert app.back.get("/oauth/userinfo", headers=bearer).status_code == 200
    time_machine.move_to(now().timestamp() + 1801)
    assert app.back.get("/oauth/userinfo", headers=bearer).status_code == 401
