"""A program in a terminal gets a token by a code that its person types in a browser."""

import re

import pytest

from minispaces_platform.database import now
from minispaces_platform.oauth.api import DEVICE_GRANT
from minispaces_platform.oauth.clients import HF_CLI, MINISPACES_CLI


def begin(back, client_id=MINISPACES_CLI, **fields):
    return back.post("/oauth/device", data={"client_id": client_id} | fields)


def poll(back, begun, client_id=MINISPACES_CLI):
    fields = {"grant_type": DEVICE_GRANT, "device_code": begun["device_code"], "client_id": client_id}
    return back.post("/oauth/token", data=fields)


def decide(browser, code, decision="allow"):
    assert browser.post("/device", data={"code": code}).status_code == 200
    return browser.post("/device", data={"code": code, "decision": decision})


@pytest.mark.parametrize("client_id", [MINISPACES_CLI, HF_CLI])
def test_the_code_typed_in_a_browser_gives_the_program_a_token(signed_in, back, client_id, time_machine):
    begun = begin(back, client_id).json()
    assert re.fullmatch(r"[B-Z]{4}-[B-Z]{4}", begun["user_code"])
    assert begun["verification_uri_complete"].endswith(f"/device?code={begun['user_code']}")
    assert poll(back, begun, client_id).json()["error"] == "authorization_pending"
    page = signed_in.post("/device", data={"code": begun["user_code"].lower().replace("-", " ")})
    assert "change your Spaces as you can" in page.text
    decide(signed_in, begun["user_code"])
    time_machine.move_to(now().timestamp() + 6)
    tokens = poll(back, begun, client_id).json()
    assert tokens["expires_in"] > 24 * 3600
    about = back.get("/api/whoami-v2", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert (about["name"], about["auth"]["type"]) == ("ada", "oauth")
    fields = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": client_id}
    assert back.post("/oauth/token", data=fields).status_code == 200
    assert poll(back, begun, client_id).json()["error"] == "invalid_grant"


def test_asking_too_often_is_slowed_down(back, time_machine):
    begun = begin(back).json()
    assert [poll(back, begun).json()["error"] for _ in range(2)] == ["authorization_pending", "slow_down"]
    time_machine.move_to(now().timestamp() + 6)
    assert poll(back, begun).json()["error"] == "slow_down"
    time_machine.move_to(now().timestamp() + 20)
    assert poll(back, begun).json()["error"] == "authorization_pending"


def test_saying_no_is_told_once(signed_in, back):
    begun = begin(back).json()
    decide(signed_in, begun["user_code"], "deny")
    assert [poll(back, begun).json()["error"] for _ in range(2)] == ["access_denied", "invalid_grant"]


def test_a_code_is_too_old_after_a_quarter_of_an_hour(signed_in, back, time_machine):
    begun = begin(back).json()
    time_machine.move_to(now().timestamp() + 901)
    assert poll(back, begun).json()["error"] == "expired_token"
    assert signed_in.post("/device", data={"code": begun["user_code"]}).status_code == 404


def test_a_code_in_the_address_decides_nothing(signed_in, back):
    begun = begin(back).json()
    page = signed_in.get(f"/device?code={begun['user_code']}")
    assert f'value="{begun["user_code"]}"' in page.text
    assert poll(back, begun).json()["error"] == "authorization_pending"


def test_a_code_is_decided_once(signed_in, back):
    begun = begin(back).json()
    decide(signed_in, begun["user_code"], "deny")
    assert signed_in.post("/device", data={"code": begun["user_code"], "decision": "allow"}).status_code == 404


def test_whoever_is_not_signed_in_signs_in_first(client, back):
    answer = client.get(f"/device?code={begin(back).json()['user_code']}")
    assert (answer.status_code, answer.headers["location"][:25]) == (303, "/login?next=%2Fdevice%3Fc")
    assert client.post("/device", data={"code": "BCDF-GHJK"}).status_code == 401


def test_no_page_of_an_app_can_decide(signed_in, back):
    begun = begin(back).json()
    evil = {"Origin": "http://bob-hello.apps.localhost:8080"}
    fields = {"code": begun["user_code"], "decision": "allow"}
    assert signed_in.post("/device", data=fields, headers=evil).status_code == 403
    assert poll(back, begun).json()["error"] == "authorization_pending"


def test_guessing_codes_is_stopped(signed_in):
    answers = [signed_in.post("/device", data={"code": "BCDF-GHJK"}).status_code for _ in range(21)]
    assert (answers[0], answers[19], answers[20]) == (404, 404, 429)


def test_a_device_code_is_its_own_clients(back, signed_in):
    begun = begin(back).json()
    decide(signed_in, begun["user_code"])
    assert poll(back, begun, HF_CLI).json()["error"] == "invalid_grant"


def test_spaces_and_strangers_get_no_device_code(back, hello):
    assert begin(back, hello.id, client_secret=hello.secret).json()["error"] == "unauthorized_client"
    assert begin(back, "nobody").json()["error"] == "invalid_client"
    assert begin(back, scope="openid jobs").json()["error"] == "invalid_scope"
