"""R4, R5, R14, R20: what a push acknowledged is there, what it did not can be pushed again, and nothing is half."""

import random
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from faults.conftest import STATIC, hub_answers
from support.git import git
from support.waiting import wait_for


def there(at, tree) -> str:
    """The tip that the hub has."""
    listed = git(tree.folder, "ls-remote", tree.remote, "refs/heads/main")
    return listed.stdout.split()[0] if listed.stdout else ""


def is_acknowledged(pushed: subprocess.CompletedProcess[str]) -> bool:
    """git itself says so as soon as the references are on disk, whatever becomes of the build."""
    return "main -> main" in pushed.stderr and "[rejected]" not in pushed.stderr and "rror" not in pushed.stderr


def repositories_are_whole(at) -> bool:
    found = [path for path in (at.data / "repos").glob("*.git") if (path / "HEAD").exists()]
    checks = [subprocess.run(["git", "fsck", "--full"], cwd=path, capture_output=True, text=True) for path in found]
    return all(check.returncode == 0 for check in checks)


def _pushed_while(at, tree, break_it, *, seconds: float) -> subprocess.CompletedProcess[str]:
    timer = threading.Timer(random.uniform(0, seconds), break_it)
    timer.start()
    pushed = tree.push()
    timer.join()
    return pushed


def test_r4_the_hub_dies_in_the_middle_of_pushes(*, at, person, tmp_path, rounds, figure):
    tree = person.work_on("site", tmp_path / "site", STATIC)
    assert tree.push().returncode == 0
    lost = retried = 0
    for turn in range(1, rounds + 1):
        tip = tree.commit({"index.html": f"<p>turn {turn}</p>"})
        pushed = _pushed_while(at, tree, lambda: at.kill_part("platform"), seconds=0.5)
        wait_for(lambda: hub_answers(at), seconds=60)
        lost += is_acknowledged(pushed) and there(at, tree) != tip
        if there(at, tree) != tip:
            retried += 1
            tree.push()
        assert there(at, tree) == tip, f"round {turn}: pushing again did not help"
    figure(f"{rounds} kills: {lost} acknowledged lost, {retried} pushed again, every repository whole")
    assert lost == 0
    assert repositories_are_whole(at)
    wait_for(lambda: f"turn {rounds}<" in at.get(person.host_of("site")).text, seconds=90)


def test_r5_what_the_hub_had_not_written_down_is_built_without_another_push(*, at, person, tmp_path, rounds, figure):
    """It dies when git has moved the references, before its rows; a hook of git's holds that moment open."""
    tree = person.work_on("site", tmp_path / "site", STATIC)
    assert tree.push().returncode == 0
    moved, took = tmp_path / "moved", []
    with git_held_after_its_references(at, f"touch {moved}; sleep 60"), ThreadPoolExecutor(1) as pool:
        for turn in range(1, rounds + 1):
            tree.commit({"index.html": f"<p>turn {turn}</p>"})
            pushed = pool.submit(tree.push)
            wait_for(moved.exists, seconds=60)
            at.kill_part("platform")
            killed = time.monotonic()
            assert pushed.result().returncode != 0
            wait_for(lambda turn=turn: f"turn {turn}<" in at.get(person.host_of("site")).text, seconds=120)
            took.append(time.monotonic() - killed)
            moved.unlink()
    figure(f"{rounds} of {rounds} are live without another push, the slowest {max(took):.1f} s after the kill")


@contextmanager
def git_held_after_its_references(at, command):
    hook = at.data / "repos" / ".minispaces" / "hooks" / "post-receive"
    hook.write_text(f"#!/bin/sh\n{command}\n")
    hook.chmod(0o755)
    yield
    hook.unlink()


def test_r14_everything_dies_at_once_at_any_moment(*, at, person, tmp_path, rounds, figure):
    tree = person.work_on("site", tmp_path / "site", STATIC)
    assert tree.push().returncode == 0
    lost, tokens = 0, []
    for turn in range(1, rounds + 1):
        tip = tree.commit({"index.html": f"<p>turn {turn}</p>"})
        pushed = _pushed_while(at, tree, at.kill, seconds=1.5)
        at.start(seconds=180)
        lost += is_acknowledged(pushed) and there(at, tree) != tip
        if there(at, tree) != tip:
            tree.push()
        tokens.append(at.command("token", "create", person.name))
    lost += sum(not may_push(at, person, token) for token in tokens)
    figure(f"{rounds} deaths of everything: {lost} acknowledged lost, every repository whole")
    assert lost == 0
    assert repositories_are_whole(at)
    wait_for(lambda: f"turn {rounds}<" in at.get(person.host_of("site")).text, seconds=90)


def may_push(at, person, token: str) -> bool:
    return at.ask("GET", "localhost", "/api/whoami-v2", headers={"Authorization": f"Bearer {token}"}).is_success


def test_r20_of_many_pushes_to_one_branch_each_wins_or_is_told(*, at, person, tmp_path, rounds, figure):
    first = person.work_on("site", tmp_path / "first", STATIC)
    assert first.push().returncode == 0
    many = max(4, rounds)
    trees = []
    for turn in range(many):
        tree = type(first)(tmp_path / f"clone-{turn}", first.remote, host=first.host)
        tree.begin()
        git(tree.folder, "pull", "--quiet", first.remote, "main")
        tree.commit({"index.html": f"<p>of {turn}</p>"})
        trees.append(tree)
    began = time.monotonic()
    with ThreadPoolExecutor(many) as pool:
        pushed = list(pool.map(lambda tree: tree.push(), trees))
    won = [tree for tree, done in zip(trees, pushed, strict=True) if there(at, tree) == tree.tip()]
    refused = sum("rejected" in done.stderr or "failed to push" in done.stderr for done in pushed)
    figure(f"{many} at once in {time.monotonic() - began:.1f} s: {len(won)} won, {refused} were told")
    assert len(won) == 1
    assert refused >= many - 1
    wait_for(lambda: "<p>of " in at.get(person.host_of("site")).text, seconds=60)
