"""R16, R17, R18: a disk that is full or slow is said in words, reads go on, and all recovers by itself."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from faults.conftest import STATIC, started
from faults.reading import Readers
from faults.small_disk import small_disk
from faults.test_builds import part
from faults.test_pushes import is_acknowledged, repositories_are_whole, there
from faults.visiting import Visitors
from support.waiting import wait_for

pytestmark = pytest.mark.root
RECOVERED_SECONDS = 10
FULL = "The storage is full"
SLOW = "delay_exit=500000"
"""Microseconds that a sync takes."""


@pytest.fixture
def disk(empty_folder):
    with small_disk(empty_folder, size_mb=500, files=8000) as made:
        yield made


@pytest.fixture
def own(disk):
    with started(disk.mount / "data", MINISPACES_FREE_DISK_FLOOR_GB="0") as at:
        yield at


@pytest.fixture
def ada(own):
    return own.add_person("ada")


FILLS = {"r16: bytes": lambda disk: disk.fill(), "r17: files": lambda disk: disk.fill_with_files()}


@pytest.mark.parametrize("fill", FILLS.values(), ids=FILLS)
def test_r16_r17_a_full_disk_is_said_reads_go_on_and_it_recovers(*, own, ada, disk, tmp_path, rounds, figure, fill):
    tree = ada.work_on("site", tmp_path / "site", STATIC)
    assert (pushed := tree.push()).returncode == 0, pushed.stderr
    took, answers = [], []
    with Readers(own) as reader, Visitors(own.port, ada.host_of("site")) as visitors:
        for turn in range(1, rounds + 1):
            tip = tree.commit({"index.html": f"<p>turn {turn}</p>"})
            fill(disk)
            refused = tree.push()
            assert (refused.returncode != 0, FULL in refused.stderr) == (True, True), refused.stderr
            answers += [change(own, ada, path) for path in ("like", "unlike")]
            disk.free()
            freed = time.monotonic()
            wait_for(lambda: tree.push().returncode == 0, seconds=60)
            took.append(time.monotonic() - freed)
            assert there(own, tree) == tip
            wait_for(lambda turn=turn: f"turn {turn}<" in own.get(ada.host_of("site")).text, seconds=60)
    figure(
        f"{rounds} times full; {len(reader.answers)} reads of the hub, failed {reader.failed()}; app {visitors.seen};"
        f" changes meanwhile {sorted(set(answers))}; the first push after room was made {max(took):.1f} s"
    )
    assert (reader.failed(), visitors.failed) == ([], {})
    assert visitors.seen["200"]
    assert 500 not in answers
    assert max(took) < RECOVERED_SECONDS
    assert is_whole(own)


def change(at, person, what) -> int:
    """Something that writes to the database."""
    bearer = {"Authorization": f"Bearer {person.token}"}
    return at.ask("POST", "localhost", f"/spaces/{person.name}/site/{what}", headers=bearer).status_code


def is_whole(at) -> bool:
    """The database, the repositories, and no fault of ours in the log."""
    with closing(sqlite3.connect(at.data / "minispaces.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    events = [json.loads(line) for line in (at.data / "minispaces.log").read_text().splitlines() if line[:1] == "{"]
    faults = [event for event in events if event.get("event") in {"unexpected_error", "sweep_broken"}]
    assert faults == [], faults
    return repositories_are_whole(at)


def test_r16_a_disk_that_becomes_full_in_the_middle_of_a_push(*, own, ada, disk, tmp_path, rounds, figure):
    tree = ada.work_on("site", tmp_path / "site", STATIC)
    assert (pushed := tree.push()).returncode == 0, pushed.stderr
    lost, said = 0, []
    for _ in range(rounds):
        tip = tree.commit({"index.html": "<p>large</p>", "large.bin": os.urandom(60 << 20)})
        disk.fill(left_mb=40)
        pushed = tree.push()
        said.append(pushed.stderr)
        lost += is_acknowledged(pushed) and there(own, tree) != tip
        disk.free()
        wait_for(lambda: own.hub("/").status_code == 200, seconds=RECOVERED_SECONDS)
        assert there(own, tree) != tip
        tree.commit({"large.bin": b"small again"})
        tree = renewed(tree)
    figure(
        f"{rounds} pushes that found the disk's end: {lost} acknowledged lost; git said {said[-1].splitlines()[-3:]}"
    )
    assert lost == 0
    assert all("No space left" in each or FULL in each for each in said)
    assert is_whole(own)


def renewed(tree):
    """Without the commit that was too large."""
    subprocess.run(["git", "reset", "--quiet", "--hard", "HEAD~2"], cwd=tree.folder, check=True)
    return tree


def test_r18_a_slow_disk_makes_writers_wait_and_nobody_else(*, at, person, tmp_path, rounds, figure):
    trees = [person.work_on(f"s{turn}", tmp_path / str(turn), STATIC) for turn in range(rounds)]
    assert all(tree.push().returncode == 0 for tree in trees)
    for turn, tree in enumerate(trees):
        tree.commit({"index.html": f"<p>slow {turn}</p>"})
    with slowed(part(at, "platform")), Readers(at) as reader, ThreadPoolExecutor(len(trees)) as pool:
        began = time.monotonic()
        pushed = list(pool.map(lambda tree: tree.push(), trees))
        took = time.monotonic() - began
    p99 = reader.percentile(0.99)
    figure(
        f"{len(trees)} pushes at once with syncs of 0.5 s: {took:.0f} s; {len(reader.answers)} reads, p99 {p99:.2f} s"
    )
    assert [done.returncode for done in pushed] == [0] * len(trees)
    assert (reader.failed(), p99 < 2) == ([], True)


@contextmanager
def slowed(pid):
    """Each sync of this process takes half a second longer."""
    argv = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync"]
    argv += ["-e", f"inject=fdatasync,fsync:{SLOW}", "-p", str(pid)]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as strace:
        wait_for(lambda: "TracerPid:\t0" not in Path(f"/proc/{pid}/status").read_text())
        yield
        strace.send_signal(signal.SIGINT)
