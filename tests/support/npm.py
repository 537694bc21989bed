"""Packages of npm that tests use, fetched once per machine by whichever process comes first."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "minispaces-tests")


def fetch_package(name: str, *, version: str) -> Path:
    """The folder `node_modules` that has it, with what it needs."""
    folder = _CACHE / f"{name}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            npm = [str(shutil.which("npm")), "install", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run([*npm, "--prefix", folder, f"{name}@{version}"], check=True, capture_output=True)
            (folder / "complete").touch()
    return folder / "node_modules"
