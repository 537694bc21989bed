"""Which addresses an app may have: one /28 of the pool each, clear of everything that the machine routes already."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from pathlib import Path

from minispaces_runner.engine import EngineError

_ROUTES = Path("/proc/net/route")
_PREFIX = 28
_ETHERNET_MTU = 1500


def free_subnets(pool: str, taken: Iterable[IPv4Network], *, first: int) -> Iterator[tuple[int, IPv4Network]]:
    """Free /28 networks with their index in the pool, beginning at `first`, once around. Raises EngineError at the end.

    Installations begin at different places, so that two of them seldom want the same network at the same moment.
    """
    network, busy = IPv4Network(pool), tuple(taken)
    size = 2 ** (32 - _PREFIX)
    count = network.num_addresses // size
    for step in range(count):
        index = (first + step) % count
        candidate = IPv4Network((int(network.network_address) + index * size, _PREFIX))
        if not any(candidate.overlaps(other) for other in busy):
            yield index, candidate
    raise EngineError(f"All {count} app networks of {pool} are in use: set MINISPACES_APP_SUBNET to a larger range.")


def parse_routes(table: str) -> list[tuple[str, IPv4Network]]:
    """(interface, network) of `/proc/net/route`, whose numbers are hexadecimal in the machine's byte order."""
    rows = (line.split() for line in table.splitlines()[1:])
    return [(row[0], IPv4Network((_address(row[1]), _length(row[7])))) for row in rows if len(row) > 7]  # noqa: PLR2004  the mask is column 7


def routed_networks() -> list[IPv4Network]:
    """What the machine reaches directly, the default route left out."""
    routes = parse_routes(_ROUTES.read_text()) if _ROUTES.exists() else []
    return [network for _interface, network in routes if network.prefixlen]


def outward_interface() -> str | None:
    """The one of the default route; None on a machine without."""
    routes = parse_routes(_ROUTES.read_text()) if _ROUTES.exists() else []
    return next((interface for interface, network in routes if not network.prefixlen), None)


def outward_mtu() -> int:
    """Of the interface that leads outside: an app's larger packets would be lost on the way."""
    interface = outward_interface()
    return int(Path("/sys/class/net", interface, "mtu").read_text()) if interface else _ETHERNET_MTU


def _address(column: str) -> int:
    return int.from_bytes(bytes.fromhex(column), "little")


def _length(mask: str) -> int:
    return _address(mask).bit_count()
