"""Debian packages that tests and benchmarks use, installed where missing, no service started: `debian.py tests`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

TESTS = {
    "docker.io": "dockerd",
    "docker-compose": "docker-compose",
    "iptables": "iptables",
    "nftables": "nft",
    "redis-server": "redis-server",
    "postgresql": "postgres",
    "git-lfs": "git-lfs",
    "chromium": "chromium",
    "curl": "curl",
}
"""Package and the program that shows that it is there."""
BENCHMARKS = {"nginx-light": "nginx", "fcgiwrap": "fcgiwrap", "wrk": "wrk"}

_POLICY = Path("/usr/sbin/policy-rc.d")
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def find_program(name: str) -> str | None:
    """Also where PATH seldom looks: sbin, and Debian's folder for each PostgreSQL release."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    places = os.pathsep.join([os.environ.get("PATH", ""), _SYSTEM_PATH, *map(str, versions)])
    return shutil.which(name, path=places)


def missing(packages: dict[str, str]) -> list[str]:
    return [package for package, program in packages.items() if find_program(program) is None]


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Packages start their service when installed unless this file says no; one that is there already stays."""
    ours = not _POLICY.exists()
    if ours:
        _POLICY.write_text("#!/bin/sh\nexit 101\n")
        _POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            _POLICY.unlink(missing_ok=True)


def install_missing(packages: dict[str, str]) -> None:
    """As far as this machine allows; what is still missing is named where it is used."""
    absent = missing(packages)
    if absent and can_install():
        print(f"Installing from Debian: {' '.join(absent)}", flush=True)
        install(absent)


def install(packages: Iterable[str]) -> bool:
    """False when apt could not: it has said why."""
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_service_starts():
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            if subprocess.run([*apt, *command], env=environment, stdin=subprocess.DEVNULL).returncode:
                return False
    return True


if __name__ == "__main__":
    install_missing({"tests": TESTS, "benchmarks": TESTS | BENCHMARKS}[sys.argv[1]])
