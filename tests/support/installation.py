"""A whole Minispaces as a newcomer starts it: `minispaces up`, a person, pushes, and visits through the proxy."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from support.git import WorkingTree
from support.ports import free_port
from support.waiting import wait_for

from minispaces_platform.installation import run_folder

SHARED = {"MINISPACES_UV_CACHE_DIR": str(Path(tempfile.gettempdir()) / f"minispaces-tests-{os.getuid()}" / "uv")}
"""Packages are fetched once for all tests; everything else each installation makes for itself."""
MINISPACES = str(Path(sys.executable).with_name("minispaces"))


@dataclass
class Installation:
    """`data` survives `stop` and `kill`; `start` finds everything as it was."""

    data: Path
    engine: str
    port: int = field(default_factory=free_port)
    extra: tuple[str, ...] = ("--no-welcome",)
    environment: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    process: "subprocess.Popen[str] | None" = None

    def start(self, *, seconds: float = 60) -> None:
        argv = ["up", "--data", str(self.data), "--port", str(self.port), "--engine", self.engine, *self.extra]
        self.process = subprocess.Popen(
            [MINISPACES, *argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=os.environ | SHARED | self.environment, start_new_session=True,
        )  # fmt: skip
        self.said.clear()
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        wait_for(self._is_ready, seconds=seconds)

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self.said.extend(iter(process.stdout.readline, ""))

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"minispaces up ended: {self.said}"
        return any(line.startswith("Ready: ") for line in self.said)

    def stop(self, *, seconds: float = 20) -> int:
        """Ctrl-C."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)

    def kill(self) -> None:
        """kill -9 of the supervisor and, with it, of every part."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def kill_part(self, name: str) -> None:
        """kill -9 of one part with its children; the supervisor starts it again."""
        pid, _ = json.loads((run_folder(self.data) / "pids.json").read_text())[name]
        os.killpg(pid, signal.SIGKILL)

    def traces(self) -> list[str]:
        """What on this machine still belongs to the installation: processes, interfaces, groups, tables, containers."""
        mark = hashlib.sha256(str(self.data.resolve()).encode()).hexdigest()
        found = [f"process {each.parent.name}" for each in Path("/proc").glob("[0-9]*/mountinfo") if self._is_in(each)]
        found += [each.name for each in Path("/sys/class/net").glob(f"spc{mark[:4]}*")]
        found += [str(each) for each in Path("/sys/fs/cgroup").glob(f"*/minispaces-{mark[:4]}")]
        if self.engine == "docker":
            own = f"label=minispaces.installation={mark[:4]}"
            listed = subprocess.run(["docker", "ps", "-aq", "--filter", own], capture_output=True, text=True)
            found += [f"container {each}" for each in listed.stdout.split()]
        return found

    def _is_in(self, mountinfo: Path) -> bool:
        """Parts name the data in their environment, apps see it in their mounts."""
        try:
            seen = mountinfo.read_text() + (mountinfo.parent / "environ").read_bytes().decode(errors="replace")
        except OSError:
            return False
        ours = f"MINISPACES_DATA={self.data}" in seen or f" {self.data}/" in seen
        return ours and mountinfo.parent.name != str(os.getpid())

    def command(self, *argv: str) -> str:
        done = subprocess.run(
            [MINISPACES, *argv, "--data", str(self.data)], capture_output=True, text=True,
            env=os.environ | self.environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def add_person(self, name: str) -> "Person":
        self.command("user", "add", name)
        return Person(self, name, self.command("token", "create", name))

    def get(self, host: str, path: str = "/", **options: object) -> httpx2.Response:
        return self.ask("GET", host, path, **options)

    def ask(
        self, method: str, host: str, path: str = "/", *, headers: Mapping[str, str] | None = None, **options: object
    ) -> httpx2.Response:
        """Through the proxy, by host name."""
        named = {"Host": f"{host}:{self.port}", **(headers or {})}
        options = {"timeout": 60, **options}
        return httpx2.request(method, f"http://127.0.0.1:{self.port}{path}", headers=named, **options)

    def hub(self, path: str = "/") -> httpx2.Response:
        return self.get("localhost", path)


@dataclass(frozen=True)
class Person:
    at: Installation
    name: str
    token: str
    spaces: list[str] = field(default_factory=list)
    """Those that were worked on."""

    def work_on(self, name: str, folder: Path, files: dict[str, str | bytes], *, hub: str = "localhost") -> WorkingTree:
        remote = f"http://{self.name}:{self.token}@127.0.0.1:{self.at.port}/spaces/{self.name}/{name}"
        tree = WorkingTree(folder, remote, host=f"{hub}:{self.at.port}")
        tree.begin()
        tree.commit(files)
        self.spaces.append(name)
        return tree

    def stop_apps(self) -> None:
        """An idle Gradio app polls its queue, for a twentieth of a core: a dozen of them would slow every test."""
        for name in self.spaces:
            path, bearer = f"/spaces/{self.name}/{name}/stop", {"Authorization": f"Bearer {self.token}"}
            self.at.ask("POST", "localhost", path, headers=bearer)

    def host_of(self, name: str) -> str:
        return f"{self.name}-{name}.apps.localhost"

    def url_of(self, name: str) -> str:
        return f"http://{self.host_of(name)}:{self.at.port}"


def environment_for(request: pytest.FixtureRequest) -> dict[str, str]:
    """Packages are fetched once for all tests and runs; the parameter `docker` brings the tests' base image.

    No pictures of apps are taken: a browser for each push would be half of the tests' work.
    """
    cache = f"{tempfile.gettempdir()}/minispaces-tests-{os.geteuid()}/uv"
    shared = {"MINISPACES_UV_CACHE_DIR": cache, "MINISPACES_BROWSER": "none"}
    if request.param != "docker":
        return shared
    return shared | {"MINISPACES_BASE_IMAGE": request.getfixturevalue("base_image").replace("3.11", "{python}")}


@contextmanager
def installation(engine: str, *, seconds: float = 60, **options: object) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="ms-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        made = Installation(Path(folder), engine, **options)
        try:
            made.start(seconds=seconds)
            yield made
        finally:
            if made.process and made.process.poll() is None:
                made.stop(seconds=seconds)
