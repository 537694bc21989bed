"""R19, R37: crowds of pushes and builds end well, take turns, and leave the hub quick."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

from faults.conftest import STATIC
from faults.reading import Readers
from faults.test_pushes import there
from sqlalchemy import create_engine, text
from support.git import git
from support.waiting import wait_for

QUICK_SECONDS = 0.3
EACH = 4
"""Pushes to one Space at once."""
TOLD = re.compile(r"\[(remote )?rejected\]|Somebody else|busy|try again", re.IGNORECASE)


def test_r37_one_build_does_not_wait_for_another_teams_crowd(*, at, person, tmp_path, rounds, figure):
    many, other = rounds * 10, at.add_person(f"b{person.name}"[:20])
    crowd = [person.work_on(f"s{turn}", tmp_path / str(turn), STATIC) for turn in range(many)]
    single = other.work_on("one", tmp_path / "one", STATIC)
    with Readers(at) as reader, ThreadPoolExecutor(many) as pool:
        pushes = [pool.submit(tree.push) for tree in crowd]
        wait_for(lambda: len(builds_of(at, person, "queued")) >= many // 5, seconds=120)
        assert (pushed := single.push()).returncode == 0, pushed.stderr
        said = [push.result() for push in pushes]
    (made,) = builds_of(at, other)
    before = sum(made.created_at < each.started_at < made.started_at for each in builds_of(at, person))
    p95 = reader.percentile(0.95)
    figure(f"{many} builds: {before} of them began while the other team's waited; hub p95 {p95 * 1000:.0f} ms")
    assert [push.returncode for push in said] == [0] * many
    assert before < 3
    assert any("Waits for its turn: " in push.stderr for push in said)
    assert (reader.failed(), p95 < QUICK_SECONDS) == ([], True)


def builds_of(at, person, status="%"):
    query = """SELECT builds.created_at, builds.started_at FROM builds JOIN spaces ON spaces.id = builds.space_id
        JOIN namespaces ON namespaces.id = spaces.owner_id
        WHERE namespaces.name = :name AND builds.status LIKE :status"""
    with create_engine(f"sqlite:///{at.data / 'minispaces.db'}").connect() as connection:
        return connection.execute(text(query), {"name": person.name, "status": status}).all()


def test_r19_each_of_many_pushes_at_once_lands_or_is_told(*, at, person, tmp_path, rounds, figure):
    trees = [person.work_on(f"s{turn}", tmp_path / str(turn), STATIC) for turn in range(rounds * 2)]
    tips = [(tree, tree.commit({"index.html": f"<p>turn {turn}</p>"})) for tree in trees for turn in range(1, EACH + 1)]
    began = time.monotonic()
    with Readers(at) as reader, ThreadPoolExecutor(len(tips)) as pool:
        pushed = list(pool.map(lambda each: each[0].push(f"{each[1]}:refs/heads/main"), tips))
    took = time.monotonic() - began
    landed = [done for done in pushed if "-> main" in done.stderr and "rejected" not in done.stderr]
    lost = [done.stderr for done in pushed if done not in landed and not TOLD.search(done.stderr)]
    figure(
        f"{len(tips)} pushes to {len(trees)} Spaces in {took:.0f} s: {len(landed)} landed, "
        f"{len(tips) - len(landed) - len(lost)} were told, {len(lost)} neither; hub p99 {reader.percentile(0.99):.2f} s"
    )
    assert (lost, reader.failed()) == ([], [])
    for turn, tree in enumerate(trees):
        shown = git(tree.folder, "show", f"{there(at, tree)}:index.html").stdout
        wait_for(lambda turn=turn, shown=shown: shown in at.get(person.host_of(f"s{turn}")).text, seconds=120)
