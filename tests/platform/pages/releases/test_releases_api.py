"""Versions and releases over the JSON API: our own words, where the Hub has none."""

import pytest

from minispaces_contract.states import InstanceStatus
from minispaces_platform.accounts import tokens
from minispaces_platform.models.scopes import Scope

PATH = "/api/spaces/ada/hello"


@pytest.fixture
def ask(client, parts, ada):
    with parts.database.writing() as session:
        token = tokens.create_token(session, ada, scope=Scope.WRITE)

    def ask(method, path, **body):
        headers = {"Authorization": f"Bearer {token}"}
        return client.request(method, PATH + path, headers=headers, json=body or None)

    return ask


def test_versions_say_what_serves_and_what_can_be_gone_back_to(running, ask):
    running.go_live()
    running.go_live()
    newest, older = ask("GET", "/versions").json()
    assert (newest["version"], newest["live"], newest["preview"]) == (
        2, True, "http://aaaaaa2--ada-hello.apps.localhost:8080",
    )  # fmt: skip
    assert (older["version"], older["live"], older["wasLive"], older["kept"]) == (1, False, True, True)


def test_a_rollback_without_a_version_says_which_one_it_takes(running, ask):
    running.go_live()
    running.go_live()
    answer = ask("POST", "/rollback", version=None)
    assert (answer.status_code, answer.json()["version"], answer.json()["was"]) == (202, 1, 2)
    release = f"/releases/{answer.json()['release']}"
    assert ask("GET", release).json()["state"] == "starting"
    running.report()
    assert ask("GET", release).json() == {
        "version": 1, "state": "live", "words": "", "seconds": 0.2, "url": "http://ada-hello.apps.localhost:8080",
    }  # fmt: skip


def test_a_release_that_failed_says_why(running, ask):
    running.go_live()
    running.build(running.push("feature"))
    release = ask("POST", "/promote", version=2).json()["release"]
    running.report(InstanceStatus.FAILED, detail="it ended with exit code 3")
    seen = ask("GET", f"/releases/{release}").json()
    assert (seen["state"], seen["words"]) == ("failed", "it ended with exit code 3")


def test_what_cannot_be_done_is_refused_in_words(running, ask):
    running.go_live()
    answer = ask("POST", "/rollback", version=1)
    assert (answer.status_code, answer.json()["error"]["message"]) == (409, "Version 1 is the one that serves.")
    assert ask("POST", "/promote", version=9).status_code == 404
    assert ask("GET", "/releases/nothing").status_code == 404


def test_a_release_of_another_space_is_none_of_this_one(running, ask, world, ada):
    running.go_live()
    other = world.add_deployment(world.add_build(world.add_space(ada, "other")))
    assert ask("GET", f"/releases/{other.id}").status_code == 404
