"""How an app's container is made, as arguments of the docker SDK. Nothing here talks to Docker."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.types import DeviceRequest, LogConfig, Mount, Ulimit

from minispaces_contract.messages import DeploymentSpec, Hardware
from minispaces_runner.gpu.seats import Seat

NAME_PREFIX = "minispaces-"
INSTALLATION, DEPLOYMENT, SPACE, PORT = (
    "minispaces.installation",
    "minispaces.deployment",
    "minispaces.space",
    "minispaces.port",
)
_APP = "/home/user/app"
DATA = "/data"
_ROOTS = {"", "0", "root"}
_FOR_ROOT = ["CHOWN", "SETUID", "SETGID", "FOWNER", "DAC_OVERRIDE", "NET_BIND_SERVICE", "KILL"]
"""What ordinary images that start as root need to drop to their own users; without these nginx does not start."""
_PIDS = 512
_LOG = LogConfig(type=LogConfig.types.JSON, config={"max-size": "5m", "max-file": "2"})
_CORE = Ulimit(name="core", soft=0, hard=0)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image asks for."""

    user: str
    volumes: tuple[str, ...]

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> "ImageFacts":
        config = attributes.get("Config") or {}
        return cls(user=config.get("User") or "", volumes=tuple(config.get("Volumes") or ()))

    @property
    def starts_as_root(self) -> bool:
        return self.user.partition(":")[0] in _ROOTS


def container_name(deployment_id: str) -> str:
    return f"{NAME_PREFIX}{deployment_id}"


def network_name(space_id: str) -> str:
    return f"{NAME_PREFIX}{space_id}"


def labels(spec: DeploymentSpec, installation: str) -> dict[str, str]:
    """An image's own labels land on its containers, too: ours win, and are believed only together with the name."""
    return {
        INSTALLATION: installation,
        DEPLOYMENT: spec.id,
        SPACE: spec.space_id,
        PORT: str(spec.artifact.port),
    }


def _rights(image: ImageFacts) -> dict[str, Any]:
    added = _FOR_ROOT if image.starts_as_root else []
    return {"cap_drop": ["ALL"], "cap_add": added, "security_opt": ["no-new-privileges"]}


def _limits(hardware: Hardware, *, processors: int, keeps_disk: bool) -> dict[str, Any]:
    """`keeps_disk`: the engine can limit what a container writes."""
    memory = f"{hardware.memory_mb}m"
    disk = {"storage_opt": {"size": f"{hardware.disk_mb}m"}} if keeps_disk and hardware.disk_mb else {}
    return {
        **disk,
        "pids_limit": _PIDS,
        "mem_limit": memory,
        "memswap_limit": memory,
        "nano_cpus": int(min(hardware.cpus, processors) * 1e9),
        "shm_size": f"{math.ceil(hardware.memory_mb / 2)}m",
        "ulimits": [_CORE],
    }


def _scratch(spec: DeploymentSpec, image: ImageFacts, *, kept: bool) -> dict[str, str]:
    """In memory: a volume of the image would be disk without a limit, and stay behind."""
    paths = {path.rstrip("/") for path in image.volumes} | ({DATA} if spec.storage else set())
    paths -= {DATA} if kept else set()
    return {path: f"mode=1777,size={math.ceil(spec.hardware.memory_mb / 4)}m" for path in sorted(paths)}


def container_options(
    spec: DeploymentSpec,
    image: ImageFacts,
    *,
    installation: str,
    processors: int,
    gpu_driver: str,
    storage: Path | None = None,
    seat: Seat | None = None,
    keeps_disk: bool = False,
) -> dict[str, Any]:
    """`processors` is how many the engine has: it refuses a container that may use more."""
    options: dict[str, Any] = {
        "name": container_name(spec.id),
        "image": spec.artifact.reference,
        "labels": labels(spec, installation),
        "environment": _environment(spec, seat),
        "network": network_name(spec.space_id),
        "hostname": "space",
        "init": True,
        **_rights(image),
        **_limits(spec.hardware, processors=processors, keeps_disk=keeps_disk),
        **_mounts(storage, seat),
        **_gpus(spec.hardware, seat, driver=gpu_driver),
        "log_config": _LOG,
        "tmpfs": _scratch(spec, image, kept=storage is not None),
    }
    if spec.artifact.command is not None:
        options |= {"command": list(spec.artifact.command), "working_dir": _APP}
    return options


def _gpus(hardware: Hardware, seat: Seat | None, *, driver: str) -> dict[str, Any]:
    """Without a seat as many as the hardware names, whichever the engine takes."""
    if not hardware.gpus:
        return {}
    which = {"device_ids": list(seat.gpus)} if seat else {"count": hardware.gpus}
    return {"device_requests": [DeviceRequest(driver=driver, capabilities=[["gpu"]], **which)]}


def _environment(spec: DeploymentSpec, seat: Seat | None) -> dict[str, str]:
    own = {**spec.artifact.env, **spec.env}
    return own | (seat.environment(own) if seat else {})


def _mounts(storage: Path | None, seat: Seat | None) -> dict[str, Any]:
    shown = seat.shown.items() if seat else ()
    mounts = [Mount(DATA, str(storage), type="bind")] if storage else []
    mounts += [Mount(place, str(path), type="bind", read_only=True) for place, path in shown]
    return {"mounts": mounts} if mounts else {}
