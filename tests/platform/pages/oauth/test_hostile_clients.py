"""What a hostile app, visitor or page tries at the provider, and does not get."""

import pytest
from sqlalchemy import func, select

from minispaces_platform.database import now
from minispaces_platform.models.oauth import OAuthGrant
from minispaces_platform.models.roles import Visibility
from minispaces_platform.oauth.clients import MINISPACES_CLI

from .conftest import CHALLENGE, VERIFIER, press, sent_back

PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
HOST = "bob-hello.apps.localhost:8080"
FOREIGN = [
    "https://evil.example/login/callback",
    "http://bob-other.apps.localhost:8080/",
    "http://apps.localhost:8080/",
    "http://localhost:8080/",
    "http://bob-hello.apps.localhost:8080.evil.example/",
    f"http://{HOST}@evil.example/",
    f"http://evil.example\\@{HOST}/",
    f"http://evil.example/{HOST}/",
    "http://bob-hello.apps.localhost:9999/",
    "http://bob-hello.apps.localhost/",
    f"http://{HOST}/#fragment",
    f"http://user@{HOST}/",
    f"javascript://{HOST}/%0aalert(1)",
    f"//{HOST}/",
    f"http://{HOST}/ x",
    f"http://{HOST}/\r\nSet-Cookie: a=b",
    f"http://bob-hello.apps.localhost:80a/{HOST}",
    "http://127.0.0.1:5000/callback",
    "",
    f"http://{HOST}/{'a' * 2000}",
]


@pytest.mark.parametrize("uri", FOREIGN)
def test_nobody_is_sent_to_an_address_that_is_not_the_apps(signed_in, hello, uri):
    hello.code(signed_in)
    answer = hello.asks(signed_in, redirect_uri=uri)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "evil" not in answer.text


@pytest.mark.parametrize("uri", [f"http://{HOST}", f"https://{HOST}/any/path?a=b", f"HTTP://{HOST.upper()}/x"])
def test_every_page_of_the_apps_own_host_is_the_apps(signed_in, hello, uri):
    assert hello.asks(signed_in, redirect_uri=uri).status_code == 200


@pytest.mark.parametrize("client_id", ["", "nothing", "0" * 32, "%00", "../x"])
def test_an_unknown_client_gets_a_page_and_no_redirect(signed_in, hello, client_id):
    answer = hello.asks(signed_in, client_id=client_id)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_a_parameter_that_is_there_twice_is_refused(signed_in, hello):
    query = f"client_id={hello.id}&response_type=code&redirect_uri=http://{HOST}/"
    assert signed_in.get(f"/oauth/authorize?{query}").status_code == 200
    assert signed_in.get(f"/oauth/authorize?{query}&redirect_uri=http://{HOST}/").status_code == 400
    body = f"grant_type=authorization_code&client_id={hello.id}&client_id={hello.id}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert hello.back.post("/oauth/token", content=body, headers=form).json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "asked",
    [{"response_type": "token"}, {"response_mode": "fragment"}, {"request_uri": "https://x.example"}, {"max_age": "x"}],
)
def test_what_is_not_offered_goes_back_as_an_error(signed_in, hello, asked):
    assert "error" in sent_back(hello.asks(signed_in, **asked))


def test_a_code_works_once_and_a_second_use_ends_what_the_first_gave(signed_in, hello):
    code = hello.code(signed_in)
    tokens = hello.redeems(code).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert hello.back.get("/oauth/userinfo", headers=bearer).status_code == 200
    again = hello.redeems(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert hello.back.get("/oauth/userinfo", headers=bearer).status_code == 401
    refreshed = hello.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


def test_a_code_is_too_old_after_five_minutes(signed_in, hello, time_machine):
    code = hello.code(signed_in)
    time_machine.move_to(now().timestamp() + 301)
    assert hello.redeems(code).json()["error"] == "invalid_grant"


def test_a_code_is_good_for_the_address_it_was_sent_to(signed_in, hello):
    answer = hello.token(
        grant_type="authorization_code", code=hello.code(signed_in), redirect_uri=f"http://{HOST}/elsewhere"
    )
    assert answer.json()["error"] == "invalid_grant"


def test_a_code_is_good_for_its_own_client(signed_in, hello, make_oauth_app):
    other = make_oauth_app("other")
    answer = other.token(grant_type="authorization_code", code=hello.code(signed_in), redirect_uri=hello.redirect_uri)
    assert answer.json()["error"] == "invalid_grant"


def test_a_wrong_secret_is_refused_even_with_a_right_verifier(signed_in, hello):
    code = hello.code(signed_in, **PKCE)
    answer = hello.redeems(code, code_verifier=VERIFIER, client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    basic = hello.back.post(
        "/oauth/token", data={"grant_type": "authorization_code", "code": code}, auth=(hello.id, "wrong")
    )
    assert basic.headers["www-authenticate"].startswith("Basic")


def test_pkce_cannot_be_left_out_or_added_on_the_way(signed_in, hello):
    with_pkce = hello.code(signed_in, **PKCE)
    assert hello.redeems(with_pkce).json()["error"] == "invalid_grant"
    assert hello.redeems(hello.code(signed_in, **PKCE), code_verifier="x" * 43).json()["error"] == "invalid_grant"
    stripped = hello.code(signed_in)
    assert hello.redeems(stripped, code_verifier=VERIFIER).json()["error"] == "invalid_grant"
    public = hello.redeems(hello.code(signed_in), client_secret=None)
    assert public.json()["error"] == "invalid_grant"


def test_plain_pkce_is_refused(signed_in, hello):
    answer = hello.asks(signed_in, code_challenge=VERIFIER, code_challenge_method="plain")
    assert sent_back(answer)["error"] == "invalid_request"


def test_more_scopes_than_the_front_matter_names_are_refused(signed_in, hello):
    answer = sent_back(hello.asks(signed_in, scope="openid profile write-repos"))
    assert (answer["error"], "write-repos" in answer["error_description"]) == ("invalid_scope", True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": f"http://{HOST}"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_no_page_of_an_app_can_press_the_button(signed_in, hello, parts, headers):
    fields = {"client_id": hello.id, "redirect_uri": hello.redirect_uri, "response_type": "code", "decision": "allow"}
    assert signed_in.post("/oauth/authorize", data=fields, headers=headers).status_code == 403
    with parts.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OAuthGrant)) == 0


def test_a_token_allows_nothing_to_an_app(client, hello, world, ada, parts):
    from minispaces_platform.accounts import tokens
    from minispaces_platform.models.scopes import Scope

    with parts.database.writing() as session:
        token = tokens.create_token(session, ada, scope=Scope.WRITE)
    fields = {"client_id": hello.id, "redirect_uri": hello.redirect_uri, "response_type": "code", "decision": "allow"}
    assert client.post("/oauth/authorize", data=fields, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_the_app_of_a_private_space_is_not_there_for_strangers(signed_in, hello, world):
    world.change(hello.space, visibility=Visibility.PRIVATE)
    assert hello.asks(signed_in).status_code == 404


def test_a_terminal_program_needs_pkce_and_comes_back_to_this_machine_only(signed_in, hello):
    asked = {"client_id": MINISPACES_CLI, "redirect_uri": "http://127.0.0.1:5000/", "response_type": "code"}
    assert sent_back(signed_in.get("/oauth/authorize", params=asked))["error"] == "invalid_request"
    assert signed_in.get("/oauth/authorize", params=asked | PKCE).status_code == 200
    foreign = asked | PKCE | {"redirect_uri": f"http://{HOST}/"}
    assert signed_in.get("/oauth/authorize", params=foreign).status_code == 400


def test_an_oversized_form_is_refused(hello):
    assert hello.back.post("/oauth/token", data={"grant_type": "x" * 70_000}).status_code == 413


def test_titles_are_shown_as_text(signed_in, hello, world):
    card = hello.space.card.model_copy(update={"title": "<script>alert(1)</script>"})
    world.change(hello.space, card=card)
    page = hello.asks(signed_in, state='"><script>alert(2)</script>')
    assert "<script>alert" not in page.text
    assert sent_back(press(signed_in, page))["state"] == '"><script>alert(2)</script>'


def test_a_nul_reaches_no_database(signed_in, hello):
    assert hello.asks(signed_in, nonce="a\0b").status_code == 400
    assert hello.token(grant_type="refresh_token", refresh_token="\0").json()["error"] == "invalid_request"
    assert signed_in.post("/settings/apps/%00/disconnect").status_code == 404
