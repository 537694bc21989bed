"""R1, R2, R3, R6, R7: no build is lost or stuck, whatever dies under it."""

import json
import os
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from faults.conftest import STATIC
from support.waiting import wait_for

from minispaces_platform.installation import run_folder

SLOW = {
    "README.md": "---\nsdk: gradio\nsdk_version: 5.29.0\n---\n",
    "app.py": "import http.server as h\nh.HTTPServer(('0.0.0.0', 7860), h.SimpleHTTPRequestHandler).serve_forever()\n",
}


def part(at, name: str) -> int:
    return int(json.loads((run_folder(at.data) / "pids.json").read_text())[name][0])


def workers(at) -> list[int]:
    """The pool's processes, below the builder's own."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(part(at, "builder"))], capture_output=True, text=True)
    return [int(pid) for pid in listed.stdout.split()]


@pytest.mark.parametrize("victim", ["child", "worker"])
def test_r1_r2_a_build_whose_worker_dies_begins_again_and_ends(*, at, person, tmp_path, rounds, figure, victim):
    took = []
    for turn in range(rounds):
        tree = person.work_on(f"demo-{turn}", tmp_path / str(turn), {**SLOW, "turn": str(turn)})
        command = ["git", "push", tree.remote, "main"]
        pushing = subprocess.Popen(command, cwd=tree.folder, stderr=subprocess.PIPE, text=True)
        assert pushing.stderr is not None
        for line in pushing.stderr:
            if "Fetching the files" in line:
                break
        killed = time.monotonic()
        for pid in workers(at) if victim == "child" else []:
            os.kill(pid, signal.SIGKILL)
        if victim == "worker":
            at.kill_part("builder")
        pushing.stderr.read()
        assert pushing.wait(timeout=200) == 0, f"round {turn}"
        took.append(time.monotonic() - killed)
        person.stop_apps()
    figure(f"{rounds} of {rounds} builds ended well, the slowest {max(took):.1f} s after the kill")
    assert max(took) < 105


def test_r3_a_build_that_takes_its_builder_with_it_ends_after_three_attempts(*, at, person, tmp_path, figure):
    poison = person.work_on("poison", tmp_path / "poison", SLOW)
    behind = person.work_on("behind", tmp_path / "behind", STATIC)
    command, began = ["git", "push", poison.remote, "main"], time.monotonic()
    pushing = subprocess.Popen(command, cwd=poison.folder, stderr=subprocess.PIPE, text=True)
    assert pushing.stderr is not None
    attempts, said, waited = 0, "", None
    with ThreadPoolExecutor(1) as pool:
        for line in pushing.stderr:
            said += line
            if "Fetching the files" in line:
                attempts += 1
                for pid in workers(at):
                    os.kill(pid, signal.SIGKILL)
                waited = waited or pool.submit(behind.push)
        assert waited.result().returncode == 0
    figure(f"{attempts} attempts in {time.monotonic() - began:.0f} s; what waited behind it is live")
    assert attempts == 3
    assert "the builder died 3 times on this build" in said
    assert pushing.wait(timeout=60) != 0


@pytest.mark.parametrize("emptied", [False, True])
def test_r6_r7_queued_builds_outlive_redis_and_all_that_it_knew(*, at, person, tmp_path, rounds, figure, emptied):
    trees = [person.work_on(f"s{turn}", tmp_path / str(turn), STATIC) for turn in range(rounds)]
    with ThreadPoolExecutor(8) as pool:
        pushes = [pool.submit(tree.push) for tree in trees]
        time.sleep(0.5)
        if emptied:
            stopped = part(at, "redis")
            shutil.rmtree(at.data / "redis", ignore_errors=True)
            assert Path(f"/proc/{stopped}").exists()
        at.kill_part("redis")
        for push in pushes:
            push.result()
    wait_for(lambda: all(is_live(at, person, turn) for turn in range(rounds)), seconds=120)
    figure(f"{rounds} of {rounds} pushed apps are live, redis emptied: {emptied}")
    assert at.hub("/").status_code == 200


def is_live(at, person, turn: int) -> bool:
    return at.get(person.host_of(f"s{turn}")).status_code == 200
