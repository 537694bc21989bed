"""A Docker engine for the length of one test run, on machines where none answers and no systemd starts one."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

from debian import find_program

_DEFAULT_SOCKET = Path("/var/run/docker.sock")
_START_SECONDS = 30
_STOP_SECONDS = 20


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("docker", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def answers(path: Path) -> bool:
    connection = _UnixConnection(path)
    try:
        connection.request("GET", "/_ping")
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def engine_answers() -> bool:
    host = os.environ.get("DOCKER_HOST", f"unix://{_DEFAULT_SOCKET}")
    return not host.startswith("unix://") or answers(Path(host.removeprefix("unix://")))


def can_start() -> bool:
    return os.geteuid() == 0 and find_program("dockerd") is not None


def daemon_settings(folder: Path, socket_path: Path) -> dict[str, object]:
    """Address pools beside those that the runner gives to apps; an MTU that fits inside a tunnelled network."""
    return {
        "data-root": str(folder / "data"),
        "exec-root": str(folder / "run"),
        "pidfile": str(folder / "pid"),
        "hosts": [f"unix://{socket_path}"],
        "log-driver": "json-file",
        "log-opts": {"max-size": "1m", "max-file": "2"},
        "features": {"buildkit": True},
        "builder": {"gc": {"enabled": True, "defaultKeepStorage": "5GB"}},
        "default-address-pools": [{"base": "10.202.0.0/16", "size": 24}],
        "mtu": 1400,
        "shutdown-timeout": 5,
    }


def _mount_cgroups() -> None:
    """Bare virtual machines without systemd may have none; without one no container starts."""
    root = Path("/sys/fs/cgroup")
    if root.is_dir() and not any(root.iterdir()):
        subprocess.run(["mount", "-t", "cgroup2", "none", str(root)])


def _start(folder: Path, socket_path: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pid").unlink(missing_ok=True)
    _mount_cgroups()
    configuration = folder / "daemon.json"
    configuration.write_text(json.dumps(daemon_settings(folder, socket_path)))
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [str(find_program("dockerd")), "--config-file", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"},
        )


def _wait_until_it_answers(daemon: subprocess.Popen[bytes], socket_path: Path) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and daemon.poll() is None:
        if answers(socket_path):
            return True
        time.sleep(0.05)
    return False


def _stop(daemon: subprocess.Popen[bytes], folder: Path) -> None:
    daemon.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        daemon.wait(_STOP_SECONDS)
    daemon.kill()
    daemon.wait()
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((mount for mount in mounts if mount.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "-l", mount])


@contextmanager
def engine(folder: Path) -> Iterator[str | None]:
    """The DOCKER_HOST of an engine of our own; None, after a line that says why, when it does not start.

    Images and build cache stay in `folder`, so that the next run is quick.
    """
    socket_path = Path(f"/run/minispaces-docker-{os.getpid()}.sock")
    daemon = _start(folder, socket_path)
    try:
        if _wait_until_it_answers(daemon, socket_path):
            yield f"unix://{socket_path}"
        else:
            last = (folder / "log").read_text(errors="replace").splitlines()[-1:]
            print(f"No Docker engine: dockerd did not start ({''.join(last)})", file=sys.stderr)
            yield None
    finally:
        _stop(daemon, folder)
        socket_path.unlink(missing_ok=True)
        shutil.rmtree(folder / "run", ignore_errors=True)
