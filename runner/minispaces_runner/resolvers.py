"""Which name servers an app can use from inside a network namespace of its own."""

from ipaddress import IPv4Address
from pathlib import Path

_FILES = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))
_PUBLIC = (IPv4Address("9.9.9.9"), IPv4Address("1.1.1.1"))
_MOST = 3
"""The C library reads no more."""


def parse_resolvers(text: str) -> list[IPv4Address]:
    """The IPv4 name servers of a resolv.conf that are not on a loopback address, which an app could not reach."""
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver" and ":" not in words[1]:
            found.append(IPv4Address(words[1]))
    return [address for address in found if not address.is_loopback][:_MOST]


def reachable_resolvers() -> tuple[IPv4Address, ...]:
    """The machine's own; where it only has a local stub, what the stub asks; else public ones, as Docker does."""
    for file in _FILES:
        if file.is_file() and (found := parse_resolvers(file.read_text(errors="replace"))):
            return tuple(found)
    return _PUBLIC
