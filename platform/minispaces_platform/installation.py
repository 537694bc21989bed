"""Where an installation keeps what its parts must agree on: folders, addresses and secrets."""

import hashlib
import json
import os
import secrets
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from minispaces_contract.disk import write_whole
from minispaces_platform.settings import PlatformSettings

SOCKET_PATH_MAX = 107 - len("/proxy.sock")


class Addresses(BaseModel):
    """What people type: remembered from the last `up`, so that the other commands print the right links."""

    model_config = ConfigDict(frozen=True)

    domain: str = "localhost"
    apps_domain: str = "apps.localhost"
    port: int = 8080


def run_folder(data: Path) -> Path:
    """For sockets: in the data directory, or where that is too deep for a socket's path, a short one of its own."""
    inside = data / "run"
    if len(str(inside)) <= SOCKET_PATH_MAX:
        return inside
    mark = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"minispaces-{os.getuid()}-{mark}"


def remember(data: Path, addresses: Addresses) -> None:
    write_whole(data / "addresses.json", addresses.model_dump_json())


def recall(data: Path) -> Addresses | None:
    """None where no `up` has run: a team installation is told its addresses by its environment."""
    path = data / "addresses.json"
    return Addresses.model_validate_json(path.read_text()) if path.exists() else None


def secret(data: Path, name: str) -> str:
    """Made once and kept, readable by its owner alone."""
    path = data / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if name not in kept:
        kept[name] = secrets.token_urlsafe(32)
        write_whole(path, json.dumps(kept), mode=0o600)
    return kept[name]


def environment(data: Path, addresses: Addresses, *, engine: str) -> dict[str, str]:
    """What every embedded part gets in its environment."""
    run = run_folder(data)
    return {
        "MINISPACES_DATA": str(data),
        "MINISPACES_RUN": str(run),
        "MINISPACES_REDIS_URL": f"unix://{run / 'redis.sock'}",
        "MINISPACES_INTERNAL_URL": f"unix://{run / 'hub.sock'}",
        "MINISPACES_INTERNAL_TOKEN": secret(data, "internal_token"),
        "MINISPACES_EDGE_KEY": secret(data, "edge_key"),
        "MINISPACES_DOMAIN": addresses.domain,
        "MINISPACES_APPS_DOMAIN": addresses.apps_domain,
        "MINISPACES_PORT": str(addresses.port),
        "MINISPACES_ENGINE": engine,
        "MINISPACES_PACKAGER": "image" if engine == "docker" else "bundle",
        "MINISPACES_LOG_FORMAT": "json",
    }


def settings_of(data: Path) -> PlatformSettings:
    """For commands beside a running or stopped installation."""
    addresses = recall(data)
    if addresses is None:
        return PlatformSettings(data=data)
    run = run_folder(data)
    return PlatformSettings(data=data, run=run, redis_url=f"unix://{run / 'redis.sock'}", **addresses.model_dump())
