"""Signing in with a one-time link, and out."""

from minispaces_platform.database import now
from minispaces_platform.models.accounts import LoginLink
from minispaces_platform.settings import PlatformSettings


def test_opening_a_link_does_not_use_it_up(client, world, ada):
    path = f"/login/{world.make_login_link(ada)}"
    assert "Sign in as ada" in client.get(path).text
    assert "Sign in as ada" in client.get(path).text


def test_the_button_signs_in_and_the_header_says_who(client, world, ada):
    answer = client.post(f"/login/{world.make_login_link(ada)}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Sign out" in client.get("/").text


def test_a_link_works_once(client, world, ada):
    path = f"/login/{world.make_login_link(ada)}"
    client.post(path)
    again = client.post(path)
    assert again.status_code == 410
    assert "minispaces user login-link NAME" in again.text
    assert client.get(path).status_code == 410


def test_a_link_that_is_too_old_signs_nobody_in(client, world, parts, ada):
    path = f"/login/{world.make_login_link(ada)}"
    with parts.database.writing() as session:
        session.query(LoginLink).update({"expires_at": now()})
    assert client.post(path).status_code == 410


def test_the_cookie_is_ours_alone(client, world, ada):
    cookie = client.post(f"/login/{world.make_login_link(ada)}").headers["set-cookie"]
    assert cookie.startswith("minispaces_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_with_https_the_cookie_is_bound_to_the_host():
    from starlette.responses import Response

    from minispaces_platform.session_cookie import keep_session

    response = Response()
    keep_session(response, "secret", settings=PlatformSettings(scheme="https"))
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-minispaces=")
    assert "Secure" in cookie


def test_signing_out_ends_the_session_itself(signed_in):
    cookie = f"minispaces_session={signed_in.cookies['minispaces_session']}"
    signed_in.post("/logout")
    signed_in.cookies.clear()
    assert "Sign out" not in signed_in.get("/", headers={"Cookie": cookie}).text


def test_signing_in_again_ends_the_session_before(signed_in, world, ada):
    before = f"minispaces_session={signed_in.cookies['minispaces_session']}"
    signed_in.post(f"/login/{world.make_login_link(ada)}")
    signed_in.cookies.clear()
    assert "Sign out" not in signed_in.get("/", headers={"Cookie": before}).text


def test_two_cookies_of_the_name_sign_nobody_in(signed_in):
    """An app on a host below ours can plant a second one (T1), and nothing tells which is ours."""
    mine = f"minispaces_session={signed_in.cookies['minispaces_session']}"
    signed_in.cookies.clear()
    assert "Sign out" in signed_in.get("/", headers={"Cookie": f"theirs=1; {mine}"}).text
    for both in (f"minispaces_session=evil; {mine}", f"{mine}; minispaces_session=evil"):
        assert "Sign out" not in signed_in.get("/", headers={"Cookie": both}).text
