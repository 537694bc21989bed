"""What SDK images start from: the base image for a Python version, had already or fetched."""

import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from minispaces_builder.docker_cli import find_docker
from minispaces_builder.dockerfiles import SdkImage
from minispaces_builder.errors import BuildError
from minispaces_builder.image_words import missing_base
from minispaces_builder.interpreter import minor_of
from minispaces_builder.interpreters import default_version, nearest
from minispaces_builder.lockfiles import key_of
from minispaces_builder.packager import Job
from minispaces_builder.settings import BuilderSettings

_FAILURE_SECONDS = 3600
_DEFAULT_PYTHON = "3.11"
_BLANK = "{python}"


@dataclass(frozen=True, slots=True)
class Base:
    name: str
    id: str
    python: str
    """A minor version, e.g. 3.11."""
    settings: BuilderSettings

    def image(self, python: str) -> SdkImage:
        packages = tuple(self.settings.sdk_image_packages.split())
        return SdkImage(self.name, python, packages, extra_ca=bool(self.settings.extra_ca_file))


class BaseImages:
    def __init__(self, settings: BuilderSettings) -> None:
        self._settings = settings
        self._folder = settings.cache / "images"

    def choose(self, job: Job, asked: str | None, *, gpu: bool) -> Base:
        """The asked version's image, fetched if need be, else the nearest that is here. Raises BuildError."""
        template = self._settings.cuda_base_image if gpu else self._settings.base_image
        there = self._there(job)
        versions = versions_there(template, there)
        package, sdk_version = job.plan.package, job.spec.config.sdk_version
        wanted = asked or default_version(package, sdk_version, there=list(versions), own=_DEFAULT_PYTHON)
        name = template.replace(_BLANK, minor_of(wanted))
        if name not in there and self._fetch(job, name):
            there = self._there(job)
        if name in there:
            return Base(name, there[name], minor_of(wanted), self._settings)
        if not versions:
            setting = "MINISPACES_CUDA_BASE_IMAGE" if gpu else "MINISPACES_BASE_IMAGE"
            raise BuildError(f"{missing_base(name, ())} The administrator can name another in {setting}.")
        best = nearest(wanted, list(versions))
        return Base(versions[best], there[versions[best]], best, self._settings)

    def has(self, job: Job, tag: str) -> bool:
        return tag in self._there(job)

    def mark_used(self, tag: str) -> None:
        """For the collector, which removes SDK images that no build has used for long."""
        self._folder.mkdir(parents=True, exist_ok=True)
        used_mark(self._settings.cache, tag).touch()

    def _there(self, job: Job) -> dict[str, str]:
        argv = ["image", "ls", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"]
        answer = find_docker().run(job.work, argv)
        if answer.code != 0:
            raise BuildError("The Docker engine does not answer; tell the administrator, then restart the build.")
        return dict(line.split() for line in answer.out.splitlines())

    def _fetch(self, job: Job, name: str) -> bool:
        """A failure is remembered for an hour."""
        mark = self._folder / f"missing-{key_of(name)}"
        with suppress(OSError):
            if time.time() - mark.stat().st_mtime < _FAILURE_SECONDS:
                return False
        with job.log.phase(f"Fetching the base image {name}"):
            fetched = find_docker().run(job.work, ["pull", "--quiet", name]).code == 0
        if not fetched:
            self._folder.mkdir(parents=True, exist_ok=True)
            mark.touch()
        return fetched


def used_mark(cache: Path, tag: str) -> Path:
    return cache / "images" / f"used-{key_of(tag)}"


def versions_there(template: str, images: dict[str, str]) -> dict[str, str]:
    """Python versions for which the template names an image that is here, with that image's name."""
    pattern = re.escape(template).replace(re.escape(_BLANK), r"(\d+\.\d+)")
    found = {name: re.fullmatch(pattern, name) for name in images}
    return {match[1]: name for name, match in found.items() if match and match.groups()}
