"""The port behind which host names lead to running apps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from minispaces_runner.activity import Activity


@dataclass(frozen=True, slots=True)
class Target:
    """Where a host's requests go. The deployment's id tells, after any restart, whose address this was."""

    ip: str
    port: int
    deployment_id: str


class RouteTable(Protocol):
    """Kept on disk as well, so that a proxy that restarts alone knows its table."""

    async def all(self) -> dict[str, Target]:
        """What the proxy serves, or what it will serve when it is back."""

    async def put(self, routes: Mapping[str, Target]) -> bool:
        """Add or move routes; True when the proxy serves them now, False while it is away."""

    async def delete(self, hosts: Iterable[str]) -> None:
        """Unknown hosts are fine."""

    async def activity(self) -> Activity | None:
        """How much what is behind the routes is used; None while the proxy is away."""
