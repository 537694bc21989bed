"""T9: an id_token that is not the provider's, not for us or not for this sign-in signs nobody in.

Each is wrong in one thing only; the log says in which.
"""

import base64
import hmac
import json
import time

import pytest
from joserfc import jws, jwt
from joserfc.jwk import OctKey
from structlog.testing import capture_logs
from support.openid_provider import a_key

ELSEWHERE = "https://elsewhere.example"


def _part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _unsigned(idp, claims):
    return f"{_part(json.dumps({'alg': 'none', 'kid': 'one'}).encode())}.{_part(json.dumps(claims).encode())}."


def _signed_with_the_public_key(idp, claims):
    """By hand: joserfc itself refuses to make one."""
    text = f"{_part(json.dumps({'alg': 'HS256', 'kid': 'one'}).encode())}.{_part(json.dumps(claims).encode())}"
    return f"{text}.{_part(hmac.digest(idp.key.as_pem(private=False), text.encode(), 'sha256'))}"


def _signed_with_the_client_secret(idp, claims):
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("hush" * 8), ["HS256"])


def _with_a_key_of_its_own(idp, claims):
    stranger = a_key("stranger")
    return idp.sign(claims, key=stranger, kid="one", jwk=stranger.as_dict(private=False))


def _tampered(idp, claims):
    head, _, signature = idp.sign(claims).split(".")
    return f"{head}.{_part(json.dumps(claims | {'sub': '2'}).encode())}.{signature}"


def _without(name):
    return lambda idp, claims: idp.sign({key: value for key, value in claims.items() if key != name})


def _with(**changes):
    return lambda idp, claims: idp.sign(claims | changes)


BAD = {
    "alg none": (_unsigned, "'none' is not"),
    "HS256 with the public key": (_signed_with_the_public_key, "'HS256' is not"),
    "HS256 with the client secret": (_signed_with_the_client_secret, "'HS256' is not"),
    "a stranger's key under a known name": (_with_a_key_of_its_own, "bad_signature"),
    "a changed body": (_tampered, "bad_signature"),
    "an unknown key": (lambda idp, claims: idp.sign(claims, key=a_key("stranger")), "No key for kid"),
    "another issuer": (_with(iss=ELSEWHERE), "'iss'"),
    "an issuer with a slash more": (lambda idp, claims: idp.sign(claims | {"iss": f"{idp.issuer}/"}), "'iss'"),
    "no issuer": (_without("iss"), "'iss'"),
    "another audience": (_with(aud="somebody-else"), "'aud'"),
    "an audience that begins like ours": (_with(aud="minispaces2"), "'aud'"),
    "no audience": (_without("aud"), "'aud'"),
    "several audiences and no azp": (_with(aud=["minispaces", "other"]), "'azp'"),
    "another azp": (_with(azp="somebody-else"), "'azp'"),
    "expired": (_with(exp=int(time.time()) - 120), "expired"),
    "no expiry": (_without("exp"), "'exp'"),
    "an expiry that is no time": (_with(exp="never"), "'exp'"),
    "issued tomorrow": (_with(iat=int(time.time()) + 86400), "issued in the future"),
    "no time of issue": (_without("iat"), "'iat'"),
    "not valid before tomorrow": (_with(nbf=int(time.time()) + 86400), "not yet valid"),
    "no nonce": (_without("nonce"), "'nonce'"),
    "another nonce": (_with(nonce="another"), "'nonce'"),
    "an empty nonce": (_with(nonce=""), "'nonce'"),
    "another access token's hash": (_with(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "'at_hash'"),
    "no subject": (_without("sub"), "'sub'"),
    "an empty subject": (_with(sub=""), "'sub'"),
    "a subject that is a number": (_with(sub=1), "'sub'"),
    "a subject of 256 letters": (_with(sub="a" * 256), "subject"),
    "a critical header nobody knows": (
        lambda idp, claims: idp.sign(claims, crit=["b64"], b64=False),
        "id_token",
    ),
    "of 5 MB": (_with(filler="a" * 5_000_000), "more than 65536 bytes"),
    "an empty text": (lambda idp, claims: "", "no id_token"),
    "no text at all": (lambda idp, claims: {"sub": "1"}, "no id_token"),
    "no token": (lambda idp, claims: "a.b.c", "id_token"),
    "a list for a body": (lambda idp, claims: _signed_list(idp), "id_token"),
}


def _signed_list(idp):
    return jws.serialize_compact({"alg": "RS256", "kid": "one"}, b'["sub"]', idp.key, ["RS256"])


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_id_token_signs_nobody_in_and_the_log_says_why(fault, browser, idp, people):
    idp.spoil, reason = BAD[fault]
    with capture_logs() as logs:
        answer = browser.sign_in()
    assert (answer.status_code, "set-cookie" in answer.headers) == (400, False)
    assert "cannot be trusted" in answer.text
    refused = [line for line in logs if line["event"] == "sign_in_refused"]
    assert [reason.lower() in line["reason"].lower() for line in refused] == [True], refused
    assert (people.names, people.live_sessions, browser.name) == ([], 0, None)


def test_no_log_line_holds_a_token(browser, idp):
    made = []
    idp.spoil = lambda provider, claims: made.append(provider.sign(claims | {"nonce": "x"})) or made[0]
    with capture_logs() as logs:
        browser.sign_in()
    assert made[0].split(".")[1][:40] not in str(logs)
    assert idp.tokens[0] not in str(logs)


def test_a_small_difference_between_clocks_is_no_fault(browser, idp):
    idp.spoil = _with(iat=int(time.time()) + 30, exp=int(time.time()) - 30)
    browser.sign_in()
    assert browser.name == "Ada"


def test_a_new_key_is_asked_for_once(browser, new_browser, idp):
    browser.sign_in()
    idp.key = a_key("new")
    second = new_browser()
    second.sign_in()
    assert second.name == "Ada"
    assert idp.asked.count("/jwks") == 2


def test_keys_and_metadata_are_remembered(browser, new_browser, idp):
    browser.sign_in()
    new_browser().sign_in()
    assert (idp.asked.count("/jwks"), idp.asked.count("/.well-known/openid-configuration")) == (1, 1)


def test_a_shared_secret_among_the_keys_verifies_nothing(browser, idp):
    secret = OctKey.generate_key(256, {"kid": "shared"})
    idp.answers["/jwks"] = {"keys": [secret.as_dict(private=True), idp.key.as_dict(private=False)]}
    idp.spoil = lambda provider, claims: jwt.encode({"alg": "HS256", "kid": "shared"}, claims, secret, ["HS256"])
    assert browser.sign_in().status_code == 400


def test_keys_that_nobody_knows_are_stepped_over(browser, idp):
    strange = [{"kty": "AKP", "kid": "pq"}, {"kty": "RSA", "kid": "broken"}, "text", {}]
    idp.answers["/jwks"] = {"keys": [*strange, idp.key.as_dict(private=False)]}
    browser.sign_in()
    assert browser.name == "Ada"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/userinfo", {"sub": "2", "preferred_username": "Ada"}),
        ("/userinfo", {"preferred_username": "Ada"}),
        ("/userinfo", ["sub"]),
        ("/userinfo", {"sub": "1", "filler": "a" * 70_000}),
        ("/userinfo", (500, {})),
        ("/userinfo", b"not json"),
        ("/token", {"access_token": "x", "token_type": "mac", "id_token": "y"}),
        ("/token", {"id_token": "y"}),
        ("/token", ["access_token"]),
        ("/token", b"\xff" * 100),
        ("/token", (303, "http://127.0.0.1:1/")),
        ("/jwks", {"keys": []}),
        ("/jwks", {}),
        ("/jwks", {"keys": "all"}),
    ],
)
def test_any_other_bad_answer_signs_nobody_in_either(browser, idp, people, path, answer):
    idp.answers[path] = answer
    assert browser.sign_in().status_code == 400
    assert people.names == []


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": ELSEWHERE},
        {"jwks_uri": None},
        {"token_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_gone_to(browser, idp, metadata):
    idp.metadata = metadata
    answer = browser.client.get("/login/with/company")
    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_an_answer_of_another_provider_is_not_taken_for_this_ones(browser, idp):
    """The mix-up of RFC 9207."""
    callback = browser.agree(browser.begin())
    assert browser.client.get(f"{callback}&iss={ELSEWHERE}").status_code == 400
    assert "/token" not in idp.asked


def test_a_provider_that_promises_to_name_itself_must(browser, idp):
    idp.metadata = {"authorization_response_iss_parameter_supported": True}
    assert browser.sign_in().status_code == 400
    assert browser.client.get(f"{browser.agree(browser.begin())}&iss={idp.issuer}").status_code == 303
