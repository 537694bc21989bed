"""Where a repository may be imported from: an address that is public, looked up once and then held on to.

A name that leads to a machine of ours, or to one thing when it is checked and to another when it is asked, would make
the hub a tool for looking into its own network (security T26).
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from minispaces_platform.errors import InvalidError

URL_MAX = 500
_PORTS = {"http": 80, "https": 443}
_TUNNELS = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""Ways in which an IPv6 address means an IPv4 one."""
_ODD = re.compile(r"[^\x21-\x7e]|[\\<>\"`{}|^]")


@dataclass(frozen=True, slots=True)
class Remote:
    """`pinned` is what git is told about the name, so that it asks nobody."""

    url: str
    pinned: str


def find_remote(url: str, *, private: bool) -> Remote:
    """Raises InvalidError in words. `private` lets any address pass."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise _no_address(url) from None
    if len(url) > URL_MAX or _ODD.search(url) or parts.scheme not in _PORTS or not host or host.startswith("-"):
        raise _no_address(url)
    if parts.username is not None or parts.password is not None:
        raise InvalidError("Leave name and password out of the address.", hint="Only public repositories are imported.")
    if parts.query or parts.fragment:
        raise _no_address(url)
    address = _public_address(host, port, private=private)
    return Remote(url, f"{host}:{port}:{f'[{address}]' if address.version == 6 else address}")  # noqa: PLR2004


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    inner = getattr(address, "ipv4_mapped", None)
    if inner is not None:
        return is_public(inner)
    tunnelled = address.version == 6 and any(address in network for network in _TUNNELS)  # noqa: PLR2004
    return address.is_global and not address.is_multicast and not address.is_reserved and not tunnelled


def _public_address(host: str, port: int, *, private: bool) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise InvalidError(f"There is no machine called {host[:80]}.", hint="Look at the address again.") from None
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    if not private and not all(map(is_public, addresses)):
        raise InvalidError(
            f"{host[:80]} is an address inside a network, and nothing is imported from there.",
            hint="An administrator can allow it: MINISPACES_IMPORT_FROM_PRIVATE=true.",
        )
    return min(addresses, key=lambda address: address.version)


def _no_address(url: str) -> InvalidError:
    return InvalidError(
        f"{url[:80]!r} cannot be imported.",
        hint="The address of a git repository, such as https://example.com/me/demo.",
    )
