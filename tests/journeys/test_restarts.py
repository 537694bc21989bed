"""What a person's apps and pushes survive: parts that die, a machine that dies, Ctrl-C and a second start."""

import re
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.installation import Installation, Person, environment_for, installation
from support.waiting import wait_for

STATIC: dict[str, str | bytes] = {"README.md": "---\nsdk: static\n---\n", "index.html": "<h1>first</h1>"}
GRADIO: dict[str, str | bytes] = {
    "README.md": "---\nsdk: gradio\n---\n",
    "app.py": "import gradio as gr\ngr.Interface(str, 'text', 'text').launch()\n",
}
ENGINES = [
    pytest.param("process", marks=[pytest.mark.network, pytest.mark.xdist_group("restarts-process")]),
    pytest.param("docker", marks=[pytest.mark.network, pytest.mark.docker, pytest.mark.xdist_group("restarts-docker")]),
]


@pytest.fixture(params=ENGINES)
def own(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """An installation that this test may kill."""
    with installation(request.param, environment=environment_for(request)) as made:
        yield made
        if made.process and made.process.poll() is not None:
            made.start()  # so that it can be stopped in order


def person_of(at: Installation) -> Person:
    return at.add_person(f"u{uuid.uuid4().hex[:8]}")


def test_apps_outlive_every_part_and_come_back_after_a_kill(own: Installation, tmp_path: Path) -> None:
    person = person_of(own)
    tree = person.work_on("site", tmp_path, STATIC)
    assert tree.push().returncode == 0
    host = person.host_of("site")

    with served_without_a_gap(own, host) as failures:
        for part in ("platform", "runner", "builder"):
            own.kill_part(part)
        wait_for(lambda: own.hub("/healthz").status_code == 200, seconds=60)
    assert failures == []

    own.kill()
    own.start()
    wait_for(lambda: "<h1>first</h1>" in own.get(host).text, seconds=60)
    tree.commit({"index.html": "<h1>second</h1>"})
    assert "Version 2" in tree.push().stderr
    assert "<h1>second</h1>" in own.get(host).text

    began = time.monotonic()
    assert own.stop() == 0
    assert time.monotonic() - began < 10
    assert wait_for(lambda: not own.traces(), seconds=5), own.traces()

    own.start()
    wait_for(lambda: "<h1>second</h1>" in own.get(host).text, seconds=60)


class served_without_a_gap:  # noqa: N801 - reads as a sentence
    """Ask for the app all the while; whatever is not a 200 is a failure."""

    def __init__(self, at: Installation, host: str) -> None:
        self.at, self.host, self.done, self.failures = at, host, threading.Event(), []
        self.thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        while not self.done.is_set():
            status = self.at.get(self.host).status_code
            if status != 200:
                self.failures.append(status)

    def __enter__(self) -> list[int]:
        self.thread.start()
        return self.failures

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


@pytest.mark.network
@pytest.mark.xdist_group("restarts-process")
def test_a_worker_killed_in_mid_build_starts_the_build_again_within_45_seconds(tmp_path: Path) -> None:
    with installation("process") as own:
        tree = person_of(own).work_on("demo", tmp_path, GRADIO)
        command = ["git", "push", tree.remote, "main"]
        pushing = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        killed = again = None
        assert pushing.stderr is not None
        for line in pushing.stderr:
            if killed is None and re.search(r"Resolving|Installing", line):
                own.kill_part("builder")
                killed = time.monotonic()
            if again is None and "attempt 2" in line:
                again = time.monotonic()
        assert pushing.wait() == 0
        assert killed is not None
        assert again is not None
        assert again - killed < 45
