"""`minispaces doctor`: what this machine has of what Minispaces can use, and how to get the rest."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from minispaces_platform.embedded.choice import docker_answers

GIT_AT_LEAST = (2, 36)  # core.fsync


@dataclass(frozen=True, slots=True)
class Finding:
    """`needed` means that Minispaces does not work without; the rest only adds something."""

    name: str
    there: bool
    detail: str
    remedy: str = ""
    needed: bool = False


def line_of(finding: Finding) -> str:
    mark = "ok     " if finding.there else "MISSING" if finding.needed else "absent "
    remedy = f"  -> {finding.remedy}" if finding.remedy and not finding.there else ""
    return f"{mark} {finding.name:<12} {finding.detail}{remedy}"


def examine(data: Path) -> list[Finding]:
    return [
        _python(),
        _git(),
        _program("git-lfs", "large files in Spaces", "apt-get install git-lfs"),
        _docker(),
        _buildkit(),
        _isolation(data),
        _program("nft", "outbound network of apps, filtered", "apt-get install nftables"),
        _interpreters(),
        _disk(data),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", there=True, detail=version, needed=True)


def _git() -> Finding:
    found = _said("git", "--version")
    version = tuple(int(part) for part in found.split()[2].split(".")[:2]) if found else (0, 0)
    wanted = ".".join(map(str, GIT_AT_LEAST))
    return Finding(
        "git", version >= GIT_AT_LEAST, found or "not found", f"apt-get install git ({wanted} or newer)", needed=True
    )


def _program(name: str, use: str, remedy: str) -> Finding:
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    return Finding(name, path is not None, f"{path or 'not found'}: {use}", remedy)


def _docker() -> Finding:
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    answers = docker_answers(host)
    words = "answers: apps run in containers" if answers else "no engine answers: apps run as isolated processes"
    return Finding("docker", answers, words, "apt-get install docker.io, and be in the group docker")


def _buildkit() -> Finding:
    buildx = _said("docker", "buildx", "version")
    old = _said("/usr/bin/docker", "--version") if not buildx else None
    return Finding(
        "buildkit", bool(buildx or old), buildx or old or "no docker command that builds: only needed with Docker",
        "apt-get install docker.io, or docker-buildx beside a newer docker",
    )  # fmt: skip


def _isolation(data: Path) -> Finding:
    """The runner writes down what it could get; before its first start nobody knows."""
    path = data / "runner" / "isolation"
    known = path.exists()
    return Finding("isolation", known, path.read_text().strip() if known else "known after the first `minispaces up`")


def _interpreters() -> Finding:
    listed = _said("uv", "python", "list", "--only-installed", "--no-python-downloads", "--output-format", "json")
    import json

    versions = sorted({item["version"] for item in json.loads(listed or "[]") if item["implementation"] == "cpython"})
    return Finding("interpreters", bool(versions), ", ".join(versions) or "none", "uv python install 3.12")


def _disk(data: Path) -> Finding:
    place = next(path for path in (data, *data.parents) if path.exists())
    free = shutil.disk_usage(place).free / 2**30
    return Finding("disk", free > 2, f"{free:.0f} GB free for {data}", "make room: pushes stop below 2 GB", needed=True)  # noqa: PLR2004


def _said(*argv: str) -> str | None:
    """The first line a program prints, or all of it for JSON; None when it is not there or fails."""
    path = Path(sys.executable).parent / argv[0]
    program = str(path) if path.exists() else argv[0]
    try:
        done = subprocess.run([program, *argv[1:]], capture_output=True, text=True, timeout=20, cwd="/")
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
