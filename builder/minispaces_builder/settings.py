"""Settings of the builder."""

from typing import Literal

from minispaces_contract.settings import ServiceSettings


class BuilderSettings(ServiceSettings):
    packager: Literal["bundle", "image"] = "bundle"
    build_minutes: float = 20
    """A build that takes longer is stopped."""
    base_image: str = "python:{python}-slim"
    """What SDK images start from; `{python}` is the version, e.g. 3.12."""
    cuda_base_image: str = "nvidia/cuda:12.8.1-runtime-ubuntu24.04"
    """What SDK images of GPU hardware start from."""
    extra_ca_file: str = ""
    """A PEM file of certificate authorities that builds and apps must trust as well."""
    build_network: Literal["default", "none", "host"] = "default"
    python_downloads: bool = True
    """Whether uv may download an interpreter that the machine lacks."""
