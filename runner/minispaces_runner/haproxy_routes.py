"""Routes as entries of HAProxy's map: changed over its stats socket without a reload, and kept in the map's file."""

import asyncio
import ipaddress
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import structlog

from minispaces_runner.routes import Target

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SOCKET_SECONDS = 5
_COMMANDS_PER_LINE = 200
"""A line of commands must fit into one of HAProxy's buffers (64 KiB)."""

log = structlog.get_logger()


def format_target(target: Target) -> str:
    """The map's value."""
    return f"{target.ip}|{target.port}|{target.deployment_id}"


def parse_target(value: str) -> Target | None:
    """None for what we did not write."""
    match value.split("|"):
        case [ip, port, deployment_id] if port.isdecimal():
            return Target(ip, int(port), deployment_id)
        case _:
            return None


def parse_table(lines: Iterable[str]) -> dict[str, Target]:
    """Entries whose last two words are host and value: the map's file, and the answer to `show map`."""
    pairs = (line.split()[-2:] for line in lines if len(line.split()) > 1)
    return {host: target for host, value in pairs if (target := parse_target(value))}


def format_table(table: Mapping[str, Target]) -> str:
    return "".join(f"{host} {format_target(target)}\n" for host, target in table.items())


def put_commands(path: Path, routes: Mapping[str, Target], *, served: Iterable[str]) -> list[str]:
    """`set` changes an entry in place. `add` alone would leave an older entry in front of the new one."""
    known = set(served)
    return [
        f"set map {path} {host} {format_target(target)}"
        if host in known
        else f"del map {path} {host}; add map {path} {host} {format_target(target)}"
        for host, target in routes.items()
    ]


class HaproxyRoutes:
    """The table as this process knows it; the proxy's own answer always wins."""

    def __init__(self, *, map_file: Path, socket: Path) -> None:
        self._map = map_file.absolute()
        self._socket = socket
        self._table = parse_table(self._map.read_text().splitlines()) if self._map.exists() else {}
        self._away = False

    async def all(self) -> dict[str, Target]:
        answer = await self._ask([f"show map {self._map}"])
        if answer is not None:
            self._table = parse_table(answer.splitlines())
        return dict(self._table)

    async def put(self, routes: Mapping[str, Target]) -> bool:
        for host, target in routes.items():
            _check_host(host)
            _check_target(target)
        commands = put_commands(self._map, routes, served=self._table)
        self._save({**self._table, **routes})
        answer = await self._ask(commands)
        if answer is not None and "entry not found" in answer:  # the proxy restarted with an older table
            answer = await self._ask(put_commands(self._map, routes, served=()))
        return answer is not None and _is_success(answer)

    async def delete(self, hosts: Iterable[str]) -> None:
        gone = set(hosts)
        for host in gone:
            _check_host(host)
        self._save({host: target for host, target in self._table.items() if host not in gone})
        await self._ask([f"del map {self._map} {host}" for host in sorted(gone)])

    def _save(self, table: dict[str, Target]) -> None:
        self._table = table
        self._map.parent.mkdir(parents=True, exist_ok=True)
        new = self._map.with_suffix(".new")
        new.write_text(format_table(table))
        new.replace(self._map)

    async def _ask(self, commands: list[str]) -> str | None:
        """The proxy's answers, or None while it is away."""
        try:
            async with asyncio.timeout(_SOCKET_SECONDS):
                answers = [
                    await _converse(self._socket, "; ".join(commands[at : at + _COMMANDS_PER_LINE]))
                    for at in range(0, len(commands), _COMMANDS_PER_LINE)
                ]
        except (OSError, TimeoutError):
            if not self._away:
                log.warning("proxy_away", socket=str(self._socket))
            self._away = True
            return None
        self._away = False
        return "".join(answers)


def _is_success(answer: str) -> bool:
    """HAProxy is silent when all is well, but for the `del` that only makes sure."""
    complaints = {line for line in answer.splitlines() if line and line != "Key not found."}
    if complaints:
        log.error("proxy_refused_route", answers=sorted(complaints)[:3])
    return not complaints


def _check_host(host: str) -> None:
    if not _HOST.fullmatch(host):
        raise ValueError(f"no host name: {host!r}")


def _check_target(target: Target) -> None:
    """Nothing may be read as more than one value."""
    ipaddress.ip_address(target.ip)
    if not _ID.fullmatch(target.deployment_id) or not 0 < target.port < 1 << 16:
        raise ValueError(f"no route can lead to {target}")


async def _converse(socket: Path, line: str) -> str:
    reader, writer = await asyncio.open_unix_connection(str(socket), limit=1 << 26)
    try:
        writer.write(line.encode() + b"\n")
        return (await reader.read()).decode()
    finally:
        writer.close()
