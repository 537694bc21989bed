"""What somebody allowed is on a page of theirs, and ends there."""

import re

from sqlalchemy import select
from starlette.testclient import TestClient

from minispaces_platform.accounts.tokens import list_tokens
from minispaces_platform.database import now
from minispaces_platform.models.accounts import AccessToken
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.models.oauth import OAuthGrant
from minispaces_platform.models.spaces import Space
from minispaces_platform.oauth.service import forget_expired

from .test_device_flow import begin, decide


def disconnect(browser):
    paths = re.findall(r'action="(/settings/apps/\w+/disconnect)"', browser.get("/settings/apps").text)
    return [browser.post(path) for path in paths]


def test_the_page_names_apps_and_programs(signed_in, back, hello):
    assert "No app knows who you are" in signed_in.get("/settings/apps").text
    hello.signs_in(signed_in)
    decide(signed_in, begin(back).json()["user_code"])
    page = signed_in.get("/settings/apps").text
    assert ("bob/hello" in page, "The minispaces command" in page) == (True, True)


def test_disconnecting_ends_what_was_issued_and_asks_again(signed_in, hello, parts):
    tokens = hello.signs_in(signed_in)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert hello.back.get("/oauth/userinfo", headers=bearer).status_code == 200
    assert [answer.status_code for answer in disconnect(signed_in)] == [303]
    assert hello.back.get("/oauth/userinfo", headers=bearer).status_code == 401
    with parts.database.reading() as session:
        assert session.scalars(select(AccessToken)).all() == []
    refreshed = hello.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    assert hello.asks(signed_in).status_code == 200
    with parts.database.reading() as session:
        actions = session.scalars(select(AuditEvent.action)).all()
    assert {"app.allow", "app.revoke"} <= set(actions)


def test_nobody_disconnects_for_somebody_else(signed_in, hello, world, app):
    hello.signs_in(signed_in)
    path = re.findall(r"/settings/apps/\w+/disconnect", signed_in.get("/settings/apps").text)[0]
    eve = TestClient(app, "http://localhost:8080", headers={"Origin": "http://localhost:8080"})
    eve.post(f"/login/{world.make_login_link(world.add_user('eve'))}")
    assert eve.post(path).status_code == 404
    assert hello.asks(signed_in).status_code == 303


def test_a_program_may_give_its_token_back(signed_in, hello):
    tokens = hello.signs_in(signed_in)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    fields = {"client_id": hello.id, "client_secret": hello.secret, "token": tokens["refresh_token"]}
    assert hello.back.post("/oauth/revoke", data=fields).status_code == 200
    assert hello.back.get("/oauth/userinfo", headers=bearer).status_code == 401
    assert hello.back.post("/oauth/revoke", data=fields | {"token": "unknown"}).status_code == 200


def test_nobody_gives_back_a_token_of_somebody_elses(signed_in, hello, make_oauth_app):
    token = hello.signs_in(signed_in)["access_token"]
    other = make_oauth_app("other")
    fields = {"client_id": other.id, "client_secret": other.secret, "token": token}
    assert other.back.post("/oauth/revoke", data=fields).status_code == 200
    assert hello.back.get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_tokens_of_apps_are_not_among_ones_own(signed_in, hello, parts, ada):
    hello.signs_in(signed_in)
    with parts.database.reading() as session:
        assert list_tokens(session, ada) == []


def test_a_token_outlives_neither_its_space_nor_its_traces(signed_in, ada, hello, parts):
    bearer = {"Authorization": f"Bearer {hello.signs_in(signed_in)['access_token']}"}
    assert hello.back.get("/api/whoami-v2", headers=bearer).status_code == 200
    with parts.database.writing() as session:
        session.delete(session.get_one(Space, hello.space.id))
    assert hello.back.get("/api/whoami-v2", headers=bearer).status_code == 401
    with parts.database.writing() as session:
        assert list_tokens(session, ada) == []
        forget_expired(session)
        assert session.scalars(select(AccessToken)).all() == []


def test_what_is_over_is_forgotten_and_what_is_good_stays(signed_in, hello, parts, time_machine):
    hello.signs_in(signed_in)
    hello.code(signed_in)
    for days, left in ((2, 1), (181, 0)):
        time_machine.move_to(now().timestamp() + days * 86400)
        with parts.database.writing() as session:
            forget_expired(session)
        with parts.database.reading() as session:
            assert len(session.scalars(select(OAuthGrant)).all()) == left
