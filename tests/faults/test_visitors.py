"""R22 to R25: whoever visits an app notices nothing of new versions, broken versions, and parts that die."""

import json
import subprocess

import httpx2
from faults.conftest import STATIC, hub_answers
from faults.visiting import Visitors
from support.git import WorkingTree
from support.waiting import wait_for

from minispaces_platform.embedded.supervisor import STABLE_SECONDS
from minispaces_platform.installation import run_folder

CRASHES = {"README.md": "---\nsdk: gradio\nsdk_version: 5.29.0\n---\n", "app.py": "raise SystemExit(3)\n"}


def live(person, tmp_path) -> WorkingTree:
    tree = person.work_on("site", tmp_path / "site", STATIC)
    assert (pushed := tree.push()).returncode == 0, pushed.stderr
    return tree


def test_r22_no_request_fails_while_versions_follow_each_other(*, at, person, tmp_path, rounds, figure):
    tree = live(person, tmp_path)
    with Visitors(at.port, person.host_of("site")) as visitors:
        for turn in range(1, rounds + 1):
            tree.commit({"index.html": f"<p>turn {turn}</p>"})
            assert tree.push().returncode == 0
            assert f"turn {turn}<" in at.get(person.host_of("site")).text
    figure(f"{rounds} new versions, {visitors.seen['200']} answers, failed: {visitors.failed}")
    assert visitors.failed == {}


def test_r23_a_version_that_does_not_start_changes_nothing(*, at, person, tmp_path, rounds, figure):
    tree = live(person, tmp_path)
    with Visitors(at.port, person.host_of("site")) as visitors:
        for turn in range(rounds):
            tree.commit({**CRASHES, "turn": str(turn)})
            pushed = tree.push()
            assert pushed.returncode != 0
            assert "ended with exit code 3" in pushed.stderr
    figure(f"{rounds} broken versions, {visitors.seen['200']} answers, failed: {visitors.failed}")
    assert visitors.failed == {}
    assert "turn 0<" in at.get(person.host_of("site")).text


def test_r24_the_hub_restarts_and_no_visitor_notices(*, at, person, tmp_path, rounds, figure):
    live(person, tmp_path)
    with Visitors(at.port, person.host_of("site")) as visitors:
        for _ in range(rounds):
            at.kill_part("platform")
            wait_for(lambda: hub_answers(at), seconds=60)
    figure(f"{rounds} restarts, {visitors.seen['200']} answers, failed: {visitors.failed}")
    assert visitors.failed == {}


def test_r25_the_proxy_comes_back_with_its_routes_while_everything_else_is_away(
    *, at, person, tmp_path, rounds, figure
):
    live(person, tmp_path)
    host = person.host_of("site")
    with Visitors(at.port, host, many=1) as visitors:
        for _ in range(rounds):
            wait_for(lambda: age(at, "proxy") > STABLE_SECONDS, seconds=2 * STABLE_SECONDS)
            at.kill_part("proxy")
            wait_for(lambda: answers(at, host), seconds=30)
    figure(f"{rounds} kills, longest gap {visitors.gap:.2f} s, failed: {visitors.failed}")
    assert set(visitors.failed) <= {"ConnectError", "ReadError", "RemoteProtocolError"}
    assert visitors.gap <= 1


def age(at, part) -> int:
    pid, _ = json.loads((run_folder(at.data) / "pids.json").read_text())[part]
    return int(subprocess.run(["ps", "-o", "etimes=", "-p", str(pid)], capture_output=True, text=True).stdout or 0)


def answers(at, host) -> bool:
    try:
        return "turn 0<" in at.get(host).text
    except httpx2.TransportError:
        return False
