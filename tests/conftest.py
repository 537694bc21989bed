"""What this machine can test with, and the real parts that tests share.

A test that needs a part says so with a marker, one of the keys of `_PARTS`. Where the part is missing the test is
skipped with its reason, once per reason in the summary; with CI=true it is an error.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg
import pytest

ON_CI = os.environ.get("CI") == "true"


def _docker() -> str | None:
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    with suppress(OSError, subprocess.TimeoutExpired):
        if subprocess.run(command, capture_output=True, timeout=20).returncode == 0:
            return None
    return "no Docker engine answers (as root `make test` installs and starts one; else: apt-get install docker.io)"


def _root() -> str | None:
    return None if os.geteuid() == 0 else "this is an ordinary user (as root: sudo make test)"


def _network() -> str | None:
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    try:
        with urlopen(f"{index.rstrip('/')}/uv/", timeout=20):
            return None
    except (URLError, OSError):
        return f"the package index at {urlsplit(index).hostname} cannot be reached (PIP_INDEX_URL names another one)"


def postgres_program(name: str) -> str | None:
    """Debian keeps PostgreSQL's server programs off PATH, one folder per release."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ["PATH"]]))


def _postgres() -> str | None:
    return None if postgres_program("initdb") else "PostgreSQL's server is not installed (apt-get install postgresql)"


def _browser() -> str | None:
    return None if shutil.which("chromium") else "Chromium is not installed (apt-get install chromium)"


def _node() -> str | None:
    return None if shutil.which("npm") else "Node.js is not installed (apt-get install nodejs npm)"


_PARTS = {
    "docker": _docker,
    "root": _root,
    "network": _network,
    "postgres": _postgres,
    "browser": _browser,
    "node": _node,
}


@cache
def why_missing(part: str) -> str | None:
    """None when the part is there. Asked once per process, and only for parts that a chosen test needs."""
    return _PARTS[part]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """All skips happen on this one line, so that pytest folds them into one line per reason."""
    for marker in item.iter_markers():
        if marker.name in _PARTS and (reason := why_missing(marker.name)):
            if ON_CI:
                pytest.fail(f"{marker.name}: {reason}", pytrace=False)
            pytest.skip(f"{marker.name}: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """On CI a skipped test is a failed run, whoever skipped it."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if ON_CI and reporter is not None and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("")
        reporter.write_line("With CI=true a skipped test fails the run.", red=True)


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """A folder for sockets: pytest's own are too deep for the 107 bytes that a socket's path may have."""
    with tempfile.TemporaryDirectory(prefix="ms-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def base_image() -> str:
    """A small Debian with Python, made on this machine: registries of images are not needed. Mark the test `docker`."""
    name = "minispaces/base:3.11-slim"
    if subprocess.run(["docker", "image", "inspect", name], capture_output=True).returncode:
        script = Path(__file__).resolve().parents[1] / "deploy" / "base" / "make-base.py"
        subprocess.run([sys.executable, str(script), "--tag", name], check=True)
    return name


class _Server(NamedTuple):
    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"


def _unprivileged() -> dict[str, int]:
    """PostgreSQL refuses to run as root."""
    return {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}


def _initialise(folder: Path) -> None:
    os.chown(folder, *(_unprivileged().values() or (-1, -1)))
    initdb = [str(postgres_program("initdb")), "--no-sync", "--auth=trust", "--username=postgres"]
    command = [*initdb, "--encoding=UTF8", "--locale=C.UTF-8", "-D", str(folder / "data")]
    subprocess.run(command, check=True, capture_output=True, **_unprivileged())


def _wait_for(server: _Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(server.url("postgres")).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline or process.poll() is not None:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def _running(server: _Server) -> Iterator[None]:
    hurried = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses="]
    settings = [word for setting in hurried for word in ("-c", setting)]
    command = [
        str(postgres_program("postgres")),
        "-D",
        str(server.folder / "data"),
        "-k",
        str(server.folder),
        *settings,
    ]
    with (server.folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **_unprivileged())
    try:
        _wait_for(server, process)
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[_Server]:
    with tempfile.TemporaryDirectory(prefix="ms-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        server = _Server(Path(folder))
        _initialise(server.folder)
        with _running(server):
            yield server


@pytest.fixture
def postgres_url(_postgres_server: _Server) -> Iterator[str]:
    """An empty database of the test's own, as `postgresql://`; mark the test `postgres`."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(_postgres_server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield _postgres_server.url(name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
