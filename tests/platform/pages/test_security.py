"""Hosts, origins, sizes and headers."""

import pytest
from starlette.testclient import TestClient

from minispaces_platform.security import carries_tokens, content_security_policy
from minispaces_platform.settings import PlatformSettings

HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "x-request-id")


@pytest.mark.parametrize("path", ["/", "/nothing", "/login", "/spaces/ada/hello/logs", "/static/x/css/base.css"])
def test_every_answer_carries_our_headers(client, path):
    answer = client.get(path)
    assert [name for name in HEADERS if name not in answer.headers] == []


def test_the_policy_lets_in_the_apps_in_frames_and_nothing_else():
    policy = content_security_policy(
        PlatformSettings(domain="hub.example", apps_domain="apps.example", scheme="https", port=443)
    )
    assert "default-src 'none'" in policy
    assert "frame-src 'self' https://*.apps.example;" in policy
    assert "unsafe" not in policy


HOSTS = [
    "evil.example",
    "localhost.evil.example",
    "localhost@evil.example",
    "localhost/?x=",
    "a:1:2",
    "",
    "localhost:80a",
]


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused_and_not_repeated(client, host):
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "evil" not in answer.text


def test_two_hosts_are_refused(client):
    assert client.get("/", headers=[("Host", "localhost"), ("Host", "localhost")]).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "LOCALHOST:9000"])
def test_our_host_is_answered_on_any_port(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


FOREIGN = [
    {"Origin": "http://ada-evil.apps.localhost:8080"},
    {"Origin": "null"},
    {"Origin": "https://localhost:8080"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/logout", "/login/secret"])
def test_a_form_from_elsewhere_changes_nothing(signed_in, path, headers):
    assert signed_in.post(path, headers=headers).status_code == 403
    assert "Sign out" in signed_in.get("/").text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none", "Origin": ""}])
def test_a_form_of_ours_passes(signed_in, headers):
    assert signed_in.post("/logout", headers=headers).status_code == 303


def test_a_form_that_is_too_large_is_refused(client):
    assert client.post("/logout", content=b"x" * 70_000).status_code == 413
    assert client.post("/logout", content=iter([b"x"])).status_code == 413


def test_only_git_and_the_internal_door_are_exempt():
    exempt = ["/spaces/a/b/git-receive-pack", "/spaces/a/b.git/git-upload-pack", "/internal/world"]
    checked = ["/spaces/a/b", "/spaces/a/b/c/git-receive-pack", "/x/internal/world", "/spaces/a/b/git-receive-pack/x"]
    assert [path for path in exempt if not carries_tokens(path)] == []
    assert [path for path in checked if carries_tokens(path)] == []


def test_an_unexpected_error_tells_only_its_id(app, caplog):
    @app.get("/broken/page")
    def fail() -> None:
        raise RuntimeError("secret detail in /srv/data")

    with TestClient(app, "http://localhost:8080") as client:
        answer = client.get("/broken/page", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "content-security-policy" in answer.headers


def test_head_says_what_get_would_say(client, world, ada):
    world.add_space(ada, "hello")
    for path in ("/", "/spaces/ada/hello", "/login", "/nothing/here"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-type"] == get.headers["content-type"]
