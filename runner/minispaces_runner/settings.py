"""Settings of the runner and of the proxy that it feeds."""

from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from minispaces_contract.settings import ServiceSettings


class RunnerSettings(ServiceSettings):
    engine: Literal["auto", "process", "docker"] = "auto"
    proxy_bind: str = ""
    """Where HAProxy listens; empty means `:PORT` on IPv4 and IPv6."""
    edge_key: SecretStr = SecretStr("")
    """What the hub signs passes to apps with, and the proxy checks them by; at least 32 letters."""
    fork_servers: Literal["per-owner", "shared", "off"] = "per-owner"
    """Fast starts of Gradio and Streamlit apps by a process engine that runs as root. Apps of one server share its
    memory's layout, hence one per owner.
    """
    app_subnet: str = "10.201.0.0/16"
    """Addresses for apps: one /28 each."""
    gpu_runtime: str = "nvidia"
    gpu_root: Path | None = None
    """Where the doors to shared GPUs lie; empty means `DATA/gpu`. A Docker engine must find it under the same path."""
    gpu_lease_seconds: float = 300
    """The longest that one call may hold a shared GPU while others wait."""
    drain_seconds: float = 600
    """How long a replaced version stays, at most, for those who are still connected to it."""
    page_out_seconds: float = 300
    """How long a frozen app keeps its memory before that goes to swap, where the machine has any."""
    warm_slots: int = 0
    """How many apps whose time to sleep has come stay frozen instead of stopped, the last that were used, while nobody
    needs their memory: worth it with Docker, where there are no fork servers.
    """
    low_memory_percent: float = 10
    """With less memory left than this, apps that nobody uses give way, the least recently used first."""
    memory_overcommit: float = 8
    """How many times the machine's memory the hardware of running apps may add up to: few use all that they may."""
    cpu_overcommit: float = 32
    frozen_share: float = 0.25
    """Of its hardware, what a frozen app counts with; the next, what one whose memory is in swap does."""
    paged_out_share: float = 0.05
    starts_at_once: int = 4
    unanswered_seconds: float = 300
    """An app that answers nobody for so long, and does nothing meanwhile, is restarted; 0 is never."""
    hold_seconds: float = 60
    """How long a program's request waits for an app that starts."""
    page_after_seconds: float = 1
    """After so long a browser that waits for an app is shown a page that says so."""

    storage: Literal["auto", "image", "folder"] = "auto"
    """How Spaces keep files: image files of a fixed size, which need root and loop devices, or plain folders, whose
    size is only counted. `auto` takes images where they work.
    """
    storage_root: Path | None = None
    """Where they lie; empty means `DATA/storage`. The Docker engine must find it under the same path."""

    @property
    def storage_folder(self) -> Path:
        return (self.storage_root or self.data / "storage").resolve()

    @property
    def gpu_folder(self) -> Path:
        return (self.gpu_root or self.data / "gpu").resolve()

    @property
    def proxy_socket(self) -> Path:
        return self.run / "proxy.sock"

    @property
    def waker_socket(self) -> Path:
        return self.run / "waker.sock"

    @property
    def hub_socket(self) -> Path:
        return self.run / "hub.sock"

    @property
    def world_file(self) -> Path:
        """The last desired world, so that apps start also while the platform is away."""
        return self.data / "runner" / "world.json"

    @property
    def sleepers_file(self) -> Path:
        return self.data / "runner" / "sleepers.json"

    @property
    def isolation_file(self) -> Path:
        return self.data / "runner" / "isolation"

    @property
    def proxy_maps(self) -> Path:
        """On disk, so that a proxy that restarts alone knows its tables."""
        return self.data / "proxy"

    @property
    def routes_map(self) -> Path:
        return self.proxy_maps / "routes.map"
