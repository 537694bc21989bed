"""Who may come in where, as HAProxy's maps."""

from pathlib import Path

from minispaces_contract.messages import Door, EdgeAccess
from minispaces_runner.haproxy_map import HaproxyMap
from minispaces_runner.haproxy_socket import HaproxySocket


def format_door(door: Door) -> str:
    return "|".join([door.circle, door.space_id, *(["identity"] if door.identity else [])])


class EdgeMaps:
    def __init__(self, folder: Path, socket: HaproxySocket) -> None:
        self._allowed = HaproxyMap(folder / "allowed.map", socket)
        self._keys = HaproxyMap(folder / "keys.map", socket)
        self._doors = HaproxyMap(folder / "doors.map", socket)

    async def become(self, access: EdgeAccess) -> bool:
        """True when the proxy knows all of it. It keeps every map on disk, for a proxy that is away."""
        known = [
            await self._allowed.become(dict.fromkeys(sorted(access.allowed), "1")),
            await self._keys.become(access.keys),
            await self._doors.become({host: format_door(door) for host, door in access.doors.items()}),
        ]
        return all(known)
