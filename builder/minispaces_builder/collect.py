"""Garbage: artifacts, environments and images that nothing uses any more, and caches that grew too large."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
import uv

from minispaces_builder.base_images import used_mark
from minispaces_builder.docker_cli import DockerCli, find_docker
from minispaces_builder.environments import COMPLETE, locked
from minispaces_builder.errors import BuildError
from minispaces_builder.image import INSTALLATION_LABEL, LABEL
from minispaces_builder.settings import BuilderSettings
from minispaces_contract.messages import KeptArtifacts

_log = structlog.get_logger()
_SDK_IMAGE_SECONDS = 30 * 24 * 3600
_TIMEOUT = 600


def collect_all(settings: BuilderSettings, kept: KeptArtifacts) -> None:
    """Only what this program made: folders of its own, and images with its label."""
    before = time.time() - settings.collect_grace_seconds
    collect_bundles(settings.data, frozenset(kept.bundles), before=before)
    collect_environments(settings.data, frozenset(kept.environments), before=before)
    collect_folders(settings.data / "builds", before=time.time() - max(settings.build_minutes * 120, 3600))
    collect_uv_cache(settings.uv_cache, limit_gb=settings.uv_cache_gb)
    with suppress(BuildError):
        if settings.packager == "image":
            collect_images(find_docker(), settings, frozenset(kept.images), before=before)


def collect_bundles(data: Path, kept: frozenset[str], *, before: float) -> None:
    for bundle in (data / "bundles").glob("*/*"):
        if str(bundle.relative_to(data)) not in kept and bundle.stat().st_mtime < before:
            _remove(bundle)
            with suppress(OSError):
                bundle.parent.rmdir()


def collect_environments(data: Path, kept: frozenset[str], *, before: float) -> None:
    """Under the environment's lock, and its mark first: a build that comes meanwhile makes it anew."""
    for environment in (data / "environments").glob("[!.]*"):
        if str(environment.relative_to(data)) in kept:
            continue
        with suppress(BlockingIOError), locked(environment, wait=False):
            mark = environment / COMPLETE
            if (mark if mark.exists() else environment).lstat().st_mtime < before:
                mark.unlink(missing_ok=True)
                _remove(environment)


def collect_folders(folder: Path, *, before: float) -> None:
    for path in folder.glob("*"):
        if path.stat().st_mtime < before:
            _remove(path)


def collect_uv_cache(cache: Path, *, limit_gb: float) -> None:
    if cache.is_dir() and _size(cache) > limit_gb * 1e9:
        argv = [uv.find_uv_bin(), "cache", "prune", "--quiet", "--cache-dir", str(cache)]
        subprocess.run(argv, check=False, timeout=_TIMEOUT)


def collect_images(cli: DockerCli, settings: BuilderSettings, kept: frozenset[str], *, before: float) -> None:
    ours = f"{INSTALLATION_LABEL}={settings.installation}"
    unused = [
        image.id for image in _images(cli, f"{LABEL}=space", ours) if image.id not in kept and image.created < before
    ]
    oldest = min(before, time.time() - _SDK_IMAGE_SECONDS)
    unused += [image.id for image in _images(cli, f"{LABEL}=sdk") if _last_use(settings.cache, image) < oldest]
    for image_id in unused:
        _docker(cli, "image", "rm", "--force", image_id)
        _log.info("image_collected", image=image_id)
    if settings.build_cache_gb > 0:
        _docker(cli, "builder", "prune", "--force", "--keep-storage", f"{settings.build_cache_gb:g}GB")


@dataclass(frozen=True, slots=True)
class _Image:
    id: str
    created: float
    tags: tuple[str, ...]


def _images(cli: DockerCli, *labels: str) -> list[_Image]:
    filters = [word for label in labels for word in ("--filter", f"label={label}")]
    listed = _docker(cli, "image", "ls", "--quiet", "--no-trunc", *filters)
    ids = sorted(set(listed.split()))
    return [_image(facts) for facts in json.loads(_docker(cli, "image", "inspect", *ids) or "[]")] if ids else []


def _image(facts: dict[str, Any]) -> _Image:
    """Times come with nanoseconds, which datetime does not read; seconds are enough."""
    created = datetime.fromisoformat(facts["Created"][:19] + "+00:00").timestamp()
    return _Image(facts["Id"], created, tuple(facts["RepoTags"] or ()))


def _last_use(cache: Path, image: _Image) -> float:
    marks = [used_mark(cache, tag) for tag in image.tags]
    return max([image.created, *(mark.stat().st_mtime for mark in marks if mark.exists())])


def _docker(cli: DockerCli, *args: str) -> str:
    argv = [cli.program, *args]
    return subprocess.run(argv, env=cli.env(), capture_output=True, text=True, timeout=_TIMEOUT, check=False).stdout


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in _files(folder))


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    _log.info("collected", path=path.name)
