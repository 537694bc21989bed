"""Settings of the builder."""

from pathlib import Path
from typing import Literal

from minispaces_contract.settings import ServiceSettings


class BuilderSettings(ServiceSettings):
    packager: Literal["bundle", "image"] = "bundle"
    build_minutes: float = 20
    """A build that takes longer is stopped."""
    builds_at_once: int = 2
    build_memory_mb: int = 4096
    """What one build may use; BuildKit's builds share as much as `builds_at_once` of them."""
    build_pids: int = 1024
    build_cpu_share: float = 0.1
    """What all builds together get of a processor that running apps want as well, where an app's part is 1."""
    base_image: str = "python:{python}-slim"
    """What SDK images start from; `{python}` is the version, e.g. 3.12."""
    cuda_base_image: str = "nvidia/cuda:12.8.1-runtime-ubuntu24.04"
    """What SDK images of GPU hardware start from."""
    sdk_image_packages: str = ""
    """Debian packages in every SDK image, by blanks, e.g. `git git-lfs ffmpeg libsm6 libxext6 libgl1`."""
    extra_ca_file: str = ""
    """A PEM file of certificate authorities that builds and apps must trust as well."""
    build_network: Literal["default", "none", "host"] = "default"
    python_downloads: bool = True
    """Whether uv may download an interpreter that the machine lacks."""
    uv_cache_dir: Path | None = None
    """Downloaded packages; empty means `DATA/cache/uv`. Hard links need the file system of `DATA`."""
    image_limit_gb: float = 5
    build_cache_gb: float = 5
    """BuildKit's cache is pruned down to this; 0 leaves it alone."""
    uv_cache_gb: float = 10
    """Above this, uv's unused cache entries are pruned."""
    browser: str = ""
    """Takes pictures of apps that went live; empty looks for Chromium or Chrome on the path, `none` takes none."""
    collect_grace_seconds: float = 3600
    """How long an artifact that nothing uses is kept: a deployment may be about to name it."""

    @property
    def cache(self) -> Path:
        return self.data / "cache"

    @property
    def uv_cache(self) -> Path:
        return self.uv_cache_dir or self.cache / "uv"

    free_disk_floor_gb: float = 2
    """Below this, or below 5 % free (20 GB at most), no build is started; what runs is left alone."""
