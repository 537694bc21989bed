"""What keeps apps apart on this Docker Engine: found out once at the start, and said in one line."""

import os
from pathlib import Path

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


def _shares_network(client: docker.DockerClient) -> bool:
    """Rules made elsewhere would filter nothing."""
    for network in client.networks.list(filters={"driver": "bridge"}):
        options = network.attrs.get("Options") or {}
        bridge = options.get("com.docker.network.bridge.name") or f"br-{str(network.id)[:12]}"
        if Path("/sys/class/net", bridge).exists():
            return True
    return False
