"""A Docker command line that builds with BuildKit; which one, and how it is called."""

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from minispaces_builder.errors import BuildError
from minispaces_builder.work import Finished, Work

_LAST_WITH_BUILTIN_BUILDKIT = 22
"""From 23 on `docker build` needs the buildx plugin, and without it goes to the deprecated builder."""
NONE_FOUND = (
    "This server has no Docker command line that can build with BuildKit. "
    "Ask the administrator to install docker-buildx, or Debian's docker.io (version 20.10)."
)


@dataclass(frozen=True, slots=True)
class DockerCli:
    program: str
    buildx: bool

    def run(self, work: Work, args: Sequence[str]) -> Finished:
        return work.run([self.program, *args], env=self.env())

    def env(self) -> Mapping[str, str]:
        """The variables that reach the engine; nothing secret of the builder's goes along."""
        names = ("PATH", "HOME", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        return kept | ({} if self.buildx else {"DOCKER_BUILDKIT": "1"})


@dataclass(frozen=True, slots=True)
class ImageBuild:
    """One call of the builder. `secrets` are files that steps may mount and no layer keeps."""

    context: Path
    dockerfile: Path
    id_file: Path
    network: str = "default"
    tag: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, Path] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    """For `ARG`. None can choose another frontend."""


def build_argv(cli: DockerCli, build: ImageBuild) -> list[str]:
    argv = [cli.program, *(("buildx", "build", "--load") if cli.buildx else ("build",)), "--progress=plain"]
    argv += ["--file", str(build.dockerfile), "--iidfile", str(build.id_file), "--network", build.network]
    argv += ["--tag", build.tag] if build.tag else []
    for name, value in sorted(build.labels.items()):
        argv += ["--label", f"{name}={value}"]
    for name, path in sorted(build.secrets.items()):
        argv += ["--secret", f"id={name},src={path}"]
    for name, value in sorted(build.arguments.items()):
        argv += ["--build-arg", f"{name}={value}"] if not name.upper().startswith("BUILDKIT_") else []
    return [*argv, str(build.context)]


@functools.cache
def find_docker() -> DockerCli:
    """Tried by running. Raises BuildError."""
    programs = [shutil.which("docker"), "/usr/bin/docker"]
    for program in dict.fromkeys(one for one in programs if one and Path(one).exists()):
        if _answers([program, "buildx", "version"]) is not None:
            return DockerCli(program, buildx=True)
        version = _answers([program, "--version"])
        if version and 0 < major(version) <= _LAST_WITH_BUILTIN_BUILDKIT:
            return DockerCli(program, buildx=False)
    raise BuildError(NONE_FOUND)


def major(version: str) -> int:
    """Of `Docker version 20.10.24+dfsg1, build 297e128`; 0 when there is none."""
    found = re.search(r"version (\d+)\.", version)
    return int(found[1]) if found else 0


def _answers(argv: list[str]) -> str | None:
    try:
        answer = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout if answer.returncode == 0 else None
