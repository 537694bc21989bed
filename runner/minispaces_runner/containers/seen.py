"""Reading what Docker says about our containers."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docker.models.containers import Container

from minispaces_runner.containers.spec import (
    DEPLOYMENT,
    INSTALLATION,
    PORT,
    SPACE,
    container_name,
    network_name,
)
from minispaces_runner.engine import Exit, Instance
from minispaces_runner.process.sockets import listening_addresses, parse_listening

_SIGNALLED = 128
_NAME_SERVER = "127.0.0.11:"
"""Docker's own, in every container on a network of its own."""
_OVER = {"exited", "dead"}


def is_ours(summary: Mapping[str, Any], installation: str) -> bool:
    """By label and name: labels alone may come from an image that somebody started by hand."""
    labels = summary.get("Labels") or {}
    name = f"/{container_name(labels.get(DEPLOYMENT, ''))}"
    return labels.get(INSTALLATION) == installation and name in (summary.get("Names") or ())


def has_ended(summary: Mapping[str, Any]) -> bool:
    return summary.get("State") in _OVER


def instance_of(summary: Mapping[str, Any], *, ended: Exit | None) -> Instance:
    """From one entry of the list of containers."""
    labels = summary["Labels"]
    networks = (summary.get("NetworkSettings") or {}).get("Networks") or {}
    return Instance(
        deployment_id=labels[DEPLOYMENT],
        space_id=labels[SPACE],
        ip=(networks.get(network_name(labels[SPACE])) or {}).get("IPAddress") or "",
        port=int(labels[PORT]),
        started_at=float(summary["Created"]),
        exit=ended,
        frozen=summary.get("State") == "paused",
    )


def exit_of(state: Mapping[str, Any]) -> Exit:
    """Docker reports a signal as 128 plus its number, as shells do."""
    code = int(state.get("ExitCode") or 0)
    out_of_memory = bool(state.get("OOMKilled")) and code != 0
    if _SIGNALLED < code <= _SIGNALLED + signal.SIGRTMAX:
        return Exit(signal=code - _SIGNALLED, out_of_memory=out_of_memory)
    return Exit(code=code, out_of_memory=out_of_memory)


def groups_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return ""


def listening_in(container: Container) -> list[str]:
    return of_the_app(_all_listening_in(container))


def of_the_app(places: list[str]) -> list[str]:
    return [place for place in places if not place.startswith(_NAME_SERVER)]


def _all_listening_in(container: Container) -> list[str]:
    """From /proc where the engine's processes are ours to see, else with the image's own `cat`."""
    pid = int(container.attrs["State"].get("Pid") or 0)
    if str(container.id) in groups_of(pid):
        return listening_addresses(pid)
    found: set[str] = set()
    for name in ("tcp", "tcp6"):
        code, output = container.exec_run(["cat", f"/proc/net/{name}"])
        if code == 0 and isinstance(output, bytes):
            found |= set(parse_listening(output.decode()))
    return sorted(found)
