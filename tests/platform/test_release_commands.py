"""Versions, rollback and promote from the command line, as the real command against a running hub; the test plays
builder and runner.
"""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from support.waiting import wait_for

from minispaces_contract.messages import AppConfig, InstanceReport
from minispaces_contract.states import InstanceStatus, Sdk
from minispaces_platform.accounts import service as accounts
from minispaces_platform.builds import service as builds
from minispaces_platform.database import now
from minispaces_platform.deployments import service as deployments
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.parts import Parts, open_parts
from minispaces_platform.spaces.service import create_space, find_space

BIN = Path(sys.executable).parent


@pytest.fixture
def person(hub):
    name = f"p{uuid.uuid4().hex[:10]}"
    return name, hub.add_user(name)


@pytest.fixture
def parts(hub) -> Parts:
    return open_parts(hub.settings.model_copy(update={"redis_url": hub.environment["MINISPACES_REDIS_URL"]}))


@pytest.fixture
def space(hub, person, parts):
    """With two versions that were live, and a third on a branch."""
    with parts.database.writing() as session:
        create_space(session, accounts.get_user(session, person[0]), "demo")
    full_name = f"{person[0]}/demo"
    for branch in ("main", "main", "feature"):
        push(parts, full_name, branch)
        hub.finish(hub.next_build(full_name))
        if branch == "main":
            hub.report_instance(full_name, InstanceStatus.RUNNING)
    return full_name


def push(parts: Parts, full_name: str, branch: str) -> None:
    with parts.database.writing() as session:
        space = find_space(session, *full_name.split("/"))
        commit = f"{space.numbered + 1:x}".ljust(40, "b")
        pushed = builds.Pushed(commit, branch, "Ada", "Say \x1b[2Jhello", AppConfig(), SpaceCard(sdk=Sdk.GRADIO))
        record = builds.record_push if branch == "main" else builds.record_branch
        record(session, parts, space, pushed)


@pytest.fixture
def start(hub, person, tmp_path):
    """A command; called, it gives its exit code and what it said."""
    url = f"http://127.0.0.1:{hub.settings.port}"
    environment = os.environ | {"HOME": str(tmp_path), "MINISPACES_URL": url, "MINISPACES_TOKEN": person[1]}

    def start(*words):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        process = subprocess.Popen([BIN / "minispaces", *words], env=environment, **pipes)
        return lambda: (process.communicate(timeout=60)[0], process.returncode)

    return start


def report(parts: Parts, full_name: str, *, version: int, status: InstanceStatus, detail: str | None = None) -> None:
    """Play the runner, once the newest deployment is of `version`."""

    def newest():
        with parts.database.reading() as session:
            found = deployments.newest_of(session, find_space(session, *full_name.split("/")).id)
            return found if found.version == version else None

    told = InstanceReport(deployment_id=wait_for(newest).id, status=status, detail=detail, seconds=0.2, at=now())
    with parts.database.writing() as session:
        deployments.record_instance(session, parts, told)


def test_a_rollback_says_which_version_it_takes_and_waits_until_it_is_live(start, space, parts):
    done = start("rollback", space)
    report(parts, space, version=1, status=InstanceStatus.RUNNING)
    said, code = done()
    assert code == 0, said
    assert "Going back to version 1 from version 2." in said
    assert "Version 1 is live, started in 0.2 s: http://" in said


def test_what_does_not_go_live_is_its_exit_code_and_says_why(start, space, parts):
    done = start("promote", space, "3")
    report(parts, space, version=3, status=InstanceStatus.FAILED, detail="It ended with exit code 3.")
    said, code = done()
    assert code == 3, said
    assert "Version 3 did not go live: It ended with exit code 3. What served before still serves." in said


def test_nobody_waits_who_does_not_want_to(start, space, parts):
    said, code = start("rollback", space, "1", "--no-wait")()
    assert (code, said) == (0, "Going back to version 1 from version 2.\n")
    assert start("promote", space, "9")()[1] == 1


def test_versions_are_listed_with_what_serves_and_where_each_can_be_seen(start, space):
    said, code = start("versions", space)()
    assert code == 0, said
    newest, _, live = said.splitlines()[:3]
    assert newest.split() == ["3", "3bbbbbb", "feature", "Say", "[2Jhello"]
    assert "\x1b" not in said
    assert live.split()[:2] == ["2", "live"]
    assert f"http://2bbbbbb--{space.replace('/', '-')}." in said
