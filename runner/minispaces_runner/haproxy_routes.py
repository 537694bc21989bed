"""Routes as entries of HAProxy's map."""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from minispaces_runner.activity import COMMANDS, Activity, parse_activity
from minispaces_runner.haproxy_map import HaproxyMap
from minispaces_runner.haproxy_socket import HaproxySocket
from minispaces_runner.routes import Target

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def format_target(target: Target, host: str) -> str:
    """The map's value, and the key under which the proxy counts what it leads there."""
    return f"{target.ip}|{target.port}|{target.deployment_id}|{host}"


def parse_target(value: str) -> Target | None:
    """None for what we did not write."""
    match value.split("|"):
        case [ip, port, deployment_id, *_] if port.isdecimal():
            return Target(ip, int(port), deployment_id)
        case _:
            return None


class HaproxyRoutes:
    def __init__(self, *, map_file: Path, socket: Path) -> None:
        self._socket = HaproxySocket(socket)
        self._map = HaproxyMap(map_file, self._socket)

    async def all(self) -> dict[str, Target]:
        entries = await self._map.all()
        return {host: target for host, value in entries.items() if (target := parse_target(value))}

    async def put(self, routes: Mapping[str, Target]) -> bool:
        for host, target in routes.items():
            _check_host(host)
            _check_target(target)
        return await self._map.put({host: format_target(target, host) for host, target in routes.items()})

    async def delete(self, hosts: Iterable[str]) -> None:
        gone = set(hosts)
        for host in gone:
            _check_host(host)
        await self._map.delete(gone)

    async def activity(self) -> Activity | None:
        answer = await self._socket.ask(list(COMMANDS))
        return None if answer is None else parse_activity(answer)


def _check_host(host: str) -> None:
    if not _HOST.fullmatch(host):
        raise ValueError(f"no host name: {host!r}")


def _check_target(target: Target) -> None:
    """Nothing may be read as more than one value."""
    ipaddress.ip_address(target.ip)
    if not _ID.fullmatch(target.deployment_id) or not 0 < target.port < 1 << 16:
        raise ValueError(f"no route can lead to {target}")
