"""What keeps apps apart on this Docker Engine: found out once at the start, and said in one line."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docker

from minispaces_runner.firewall import Firewall
from minispaces_runner.installation import Installation
from minispaces_runner.settings import RunnerSettings


def raise_firewall(
    client: docker.DockerClient, installation: Installation, settings: RunnerSettings
) -> tuple[Firewall | None, str | None]:
    """The firewall, or why there is none."""
    if os.geteuid():
        return None, "the runner is not root"
    if not _shares_network(client):
        return None, "the runner is not in the engine's network namespace"
    firewall = Firewall.of(installation, settings.app_subnet, edge=settings.port)
    reason = firewall.apply()
    return (firewall, None) if reason is None else (None, reason)


def describe_isolation(unfiltered: str | None) -> str:
    apart = "docker: own container and network per app, capabilities dropped; memory, cpu and pids limited"
    if unfiltered is None:
        return f"{apart}; outbound network filtered"
    return f"{apart}; apps can reach this machine and its networks ({unfiltered})"


def abilities(client: docker.DockerClient) -> tuple[int, bool]:
    """How many processors the engine has, and whether it can limit what a container writes."""
    info = client.info()
    return int(info["NCPU"]), keeps_sizes(info, Path("/proc/mounts").read_text())


def keeps_sizes(info: Mapping[str, Any], mounts: str) -> bool:
    """Whether containers can be given a size: by the storage driver, and for overlay2 by XFS with project quotas."""
    driver, backing = info.get("Driver"), dict(info.get("DriverStatus") or ()).get("Backing Filesystem")
    if driver != "overlay2":
        return driver in {"btrfs", "zfs", "devicemapper"}
    if backing != "xfs":
        return False
    root = Path(str(info.get("DockerRootDir") or "/"))
    places = {words[1]: words[3].split(",") for line in mounts.splitlines() if len(words := line.split()) > 3}  # noqa: PLR2004 (device, place, kind, options)
    nearest = next((places[str(each)] for each in (root, *root.parents) if str(each) in places), [])
    return not {"pquota", "prjquota"}.isdisjoint(nearest)


def _shares_network(client: docker.DockerClient) -> bool:
    """Rules made elsewhere would filter nothing."""
    for network in client.networks.list(filters={"driver": "bridge"}):
        options = network.attrs.get("Options") or {}
        bridge = options.get("com.docker.network.bridge.name") or f"br-{str(network.id)[:12]}"
        if Path("/sys/class/net", bridge).exists():
            return True
    return False
