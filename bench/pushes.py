"""From `git push` to the first answer, beside starting the same app by hand in its own environment."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from support.git import WorkingTree
from support.installation import SHARED, Installation, Person, installation
from support.ports import free_port

from bench.measure import Row, alternate, median, seconds, until_answer

ROUNDS = 5
BASE_IMAGE = {"MINISPACES_BASE_IMAGE": "minispaces/base:{python}-slim"}
"""Made by deploy/base/make-base.py: a machine without a registry of images measures too."""
README = "---\nsdk: gradio\nsdk_version: 6.31.0\n---\n"
APP = (
    'import gradio as gr\n\ngr.Interface(lambda name: f"Hello {{name}}!", "text", "text", title="{marker}").launch()\n'
)


@dataclass
class Demo:
    """A pushed Space whose app says which version it is."""

    at: Installation
    person: Person
    name: str
    tree: WorkingTree

    @property
    def host(self) -> str:
        return f"{self.person.host_of(self.name)}:{self.at.port}"

    def push_change(self) -> tuple[float, float]:
        """Seconds from the push to the new version's first answer, and what the app itself took of them."""
        marker = uuid.uuid4().hex
        self.tree.commit({"app.py": APP.format(marker=marker)})
        begun = time.perf_counter()
        done = self.tree.push()
        until_answer(f"http://127.0.0.1:{self.at.port}/", host=self.host, marker=marker)
        taken = time.perf_counter() - begun
        started = re.search(r"started in ([\d.]+) s", done.stderr)
        if started is None:
            raise RuntimeError(done.stderr)
        return taken, float(started[1])


def begin(at: Installation, folder: Path) -> Demo:
    person = at.add_person(f"u{uuid.uuid4().hex[:8]}")
    files: dict[str, str | bytes] = {"README.md": README, "app.py": APP.format(marker="first")}
    return Demo(at, person, "hello", person.work_on("hello", folder, files))


def start_by_hand(demo: Demo) -> Callable[[], float]:
    """The floor: the newest environment (or image) that the push made, started without Minispaces."""
    return _bare_process(demo) if demo.at.engine == "process" else _bare_container(demo)


def _bare_process(demo: Demo) -> Callable[[], float]:
    newest = max((demo.at.data / "environments").glob("*/.complete"), key=lambda mark: mark.stat().st_mtime)

    def start() -> float:
        port = free_port()
        environment = _app_environment() | {"GRADIO_SERVER_PORT": str(port)}
        with subprocess.Popen(
            [str(newest.parent / "bin" / "python"), "app.py"], cwd=demo.tree.folder, env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            try:
                return until_answer(f"http://127.0.0.1:{port}/")
            finally:
                process.kill()

    return start


def _app_environment() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), "GRADIO_ANALYTICS_ENABLED": "False",
        "SYSTEM": "spaces", "GRADIO_SERVER_NAME": "0.0.0.0", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip


def _bare_container(demo: Demo) -> Callable[[], float]:
    mark = hashlib.sha256(str(demo.at.data.resolve()).encode()).hexdigest()[:4]
    own = _docker("ps", "--quiet", "--filter", f"label=minispaces.installation={mark}").splitlines()[0]
    image = _docker("inspect", "--format", "{{.Image}}", own)
    settings = [word for name in ("SYSTEM", "GRADIO_SERVER_NAME", "GRADIO_ANALYTICS_ENABLED")
                for word in ("--env", f"{name}={_app_environment()[name]}")]  # fmt: skip

    def start() -> float:
        begun = time.perf_counter()
        container = _docker("run", "--detach", "--publish", "127.0.0.1::7860", *settings, image)
        try:
            port = _docker("port", container, "7860").rpartition(":")[2]
            until_answer(f"http://127.0.0.1:{port}/")
            return time.perf_counter() - begun
        finally:
            _docker("rm", "--force", "--volumes", container)

    return start


def _docker(*argv: str) -> str:
    return subprocess.run(["docker", *argv], capture_output=True, text=True, check=True).stdout.strip()


def measure_code_change(engine: str) -> list[Row]:
    with installation(engine, environment=BASE_IMAGE) as at, tempfile.TemporaryDirectory() as folder:
        demo = begin(at, Path(folder) / "demo")
        demo.tree.push()
        _await_bytecode(at)
        bare = start_by_hand(demo)
        starts: list[float] = []

        def push() -> float:
            taken, started = demo.push_change()
            starts.append(started)
            return taken

        push()
        bare()
        starts.clear()
        pushes, bares = alternate(ROUNDS, push, bare)
        own = [taken - started for taken, started in zip(pushes, starts, strict=True)]
        return [
            Row(f"code change to first 200 ({engine})", seconds(pushes), f"bare start {seconds(bares)}",
                median(pushes) / median(bares), "<= 1.3"),
            Row(f"  of it Minispaces itself ({engine})", seconds(own), "-", median(own), "< 0.5 s"),
        ]  # fmt: skip


def _await_bytecode(at: Installation, *, limit: float = 120) -> None:
    """The bare start must not be the one that pays for compiling."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < limit:
        marks = list((at.data / "environments").glob("*/.complete"))
        if all((mark.parent / ".compiled").exists() for mark in marks):
            return
        time.sleep(0.2)


def measure_first_push() -> list[Row]:
    """Packages are in uv's cache; no environment exists yet."""
    with installation("process") as at, tempfile.TemporaryDirectory() as folder:
        begin(at, Path(folder) / "warm").tree.push()
        lock = next((at.data / "environments").glob("*/minispaces.lock")).read_text()

        def push() -> float:
            for environment in (at.data / "environments").iterdir():
                shutil.rmtree(environment, ignore_errors=True)
            demo = begin(at, Path(folder) / uuid.uuid4().hex)
            begun = time.perf_counter()
            demo.tree.push()
            until_answer(f"http://127.0.0.1:{at.port}/", host=demo.host)
            return time.perf_counter() - begun

        def by_hand() -> float:
            return _install_and_start(Path(folder) / uuid.uuid4().hex, lock)

        pushes, bares = alternate(3, push, by_hand)
        return [
            Row("first push, warm package cache", seconds(pushes), f"uv pip install + start {seconds(bares)}",
                median(pushes) / median(bares), "<= 1.3")
        ]  # fmt: skip


def _install_and_start(folder: Path, lock: str) -> float:
    folder.mkdir()
    (folder / "app.py").write_text(APP.format(marker="bare"))
    (folder / "lock.txt").write_text(lock)
    environment = os.environ | {"UV_CACHE_DIR": SHARED["MINISPACES_UV_CACHE_DIR"]}
    port = free_port()
    begun = time.perf_counter()
    for argv in (["venv", "--quiet", ".venv"], ["pip", "install", "--quiet", "--no-deps", "-r", "lock.txt"]):
        subprocess.run([str(Path(sys.executable).with_name("uv")), *argv], cwd=folder, env=environment, check=True)
    app_environment = _app_environment() | {"GRADIO_SERVER_PORT": str(port)}
    app_environment.pop("PYTHONDONTWRITEBYTECODE")
    with subprocess.Popen(
        [".venv/bin/python", "app.py"], cwd=folder, env=app_environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            until_answer(f"http://127.0.0.1:{port}/")
            return time.perf_counter() - begun
        finally:
            with suppress(ProcessLookupError):
                process.kill()
