"""R13, R28, R38: nothing is left of what goes, and nothing goes that is still wanted."""

import random
import subprocess
import time
from contextlib import suppress

from faults.calling import await_stage, call, delete, put_to_sleep, stage_of, submit
from faults.conftest import STATIC
from faults.remains import collecting, switch_off, things
from faults.visiting import Visitors
from support.waiting import wait_for

BACK_SECONDS = 90
LET_GO_SECONDS = 120


def test_r28_a_space_that_goes_at_any_moment_leaves_nothing(*, at, person, tmp_path, rounds, figure):
    before = things(at)
    for turn in range(rounds):
        name = f"short-{turn}"
        tree = person.work_on(name, tmp_path / name, STATIC)
        pushing = subprocess.Popen(["git", "push", tree.remote, "main"], cwd=tree.folder, stderr=subprocess.DEVNULL)
        if turn % 3 == 2:
            pushing.wait()
            put_to_sleep(person, name)
            pushing = wake(person, name)
        time.sleep(random.uniform(0, 3))
        if turn % 2 and submit(person, name, "settings/rename", new_name=f"renamed-{turn}").is_redirect:
            name = f"renamed-{turn}"
        delete(person, name)
        pushing.wait()
        delete(person, f"short-{turn}")  # a push that came after that made it anew

    with collecting(at, every=2), suppress(AssertionError):
        wait_for(lambda: things(at) <= before, seconds=LET_GO_SECONDS)
    assert things(at) - before == set()
    figure(f"{rounds} Spaces deleted or renamed while they were pushed, built, started or woken: nothing is left")


def wake(person, name) -> subprocess.Popen:
    host, port = person.host_of(name), person.at.port
    return subprocess.Popen(["curl", "-s", "-o/dev/null", "-H", f"Host: {host}:{port}", f"http://127.0.0.1:{port}/"])


def test_r13_after_a_restart_of_the_machine_each_space_is_as_it_was_wanted(*, at, person, tmp_path, rounds, figure):
    names = [f"space-{number}" for number in range(4 * rounds)]
    for name in names:
        assert person.work_on(name, tmp_path / name, STATIC).push().returncode == 0
    asleep, paused = names[::4], names[1::4]
    for name in asleep:
        put_to_sleep(person, name)
    for name in paused:
        submit(person, name, "stop")
        await_stage(person, name, "PAUSED")
    switch_off(at)
    began = time.monotonic()
    at.start(seconds=180)
    wanted = dict.fromkeys(names, "RUNNING") | dict.fromkeys(asleep, "SLEEPING") | dict.fromkeys(paused, "PAUSED")
    wait_for(lambda: {name: stage_of(person, name) for name in names} == wanted, seconds=BACK_SECONDS)
    took = time.monotonic() - began
    figure(f"{len(names)} of {len(names)} Spaces are as wanted {took:.1f} s after the machine began again")
    assert all("turn 0<" in at.get(person.host_of(name)).text for name in names if name not in paused)
    assert took <= BACK_SECONDS


def test_r38_collecting_takes_neither_what_runs_nor_what_can_be_gone_back_to(*, at, person, tmp_path, rounds, figure):
    tree = person.work_on("site", tmp_path / "site", STATIC)
    assert tree.push().returncode == 0
    kept = range(2 * rounds - 2, 2 * rounds + 2)
    with Visitors(at.port, person.host_of("site")) as visitors, collecting(at, every=1):
        for version in range(2, 2 * rounds + 2):
            tree.commit({"index.html": f"<p>version {version}.</p>"})
            assert tree.push().returncode == 0
        for version in kept:
            answer = call(person, "site", "rollback", version=version)
            assert answer.json()["rebuiltAs"] is None
            wait_for(lambda version=version: f"version {version}." in at.get(person.host_of("site")).text, seconds=60)
    figure(f"{2 * rounds + 1} versions while everything unused was collected, gone back to {list(kept)}, "
           f"{visitors.seen['200']} answers, failed: {visitors.failed}")  # fmt: skip
    assert visitors.failed == {}
