"""What apps may reach: the internet, the name servers and the proxy; never this machine, its networks or each other.

The proxy is open to whoever reaches the machine, and an app that signs people in must reach the hub behind it. Where
the proxy is a container, what goes to its port is led on before these rules see it; `ct original` still names the port.

The rules are an nftables table of our own. A packet must pass every table, so where Docker (or a firewall)
drops forwarded packets by default, an exception for our interfaces goes into the chain that Docker keeps for it.
"""

import math
import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from string import Template
from typing import Self

import structlog

from minispaces_runner.addresses import outward_interface, routed_networks
from minispaces_runner.installation import Installation
from minispaces_runner.resolvers import reachable_resolvers

_log = structlog.get_logger()
_SECONDS = 20
_BETWEEN_LOOKS = 30
"""Seconds; one look costs three small processes."""
_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
_PRIVATE = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
)  # fmt: skip
_RULES = Template("""\
add table inet $table
delete table inet $table
table inet $table {
  chain input {
    type filter hook input priority -10; policy accept;
    iifname "$ours" ct state established,related accept
    iifname "$ours" ip daddr { $resolvers } meta l4proto { tcp, udp } th dport 53 accept
    iifname "$ours" tcp dport $edge accept
    iifname "$ours" reject
  }
  chain forward {
    type filter hook forward priority -10; policy accept;
    iifname "$ours" jump outward
    oifname "$ours" ct state established,related accept
    oifname "$ours" drop
  }
  chain outward {
    ct state established,related accept
    ip daddr { $resolvers } meta l4proto { tcp, udp } th dport 53 accept
    oifname "$ours" reject
    ct status dnat meta l4proto tcp ct original proto-dst $edge accept
    meta nfproto ipv6 reject
    ip daddr { $refused } reject
    accept
  }
  chain output {
    type filter hook output priority -10; policy accept;
    $stray
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    iifname "$ours" oifname != "$ours" ip saddr $pool masquerade
  }
}
""")


@dataclass(slots=True)
class Firewall:
    """The rules of one installation.

    `local` are the machine's own networks besides the private ranges, `outward` its interface to the rest, `edge` the
    proxy's port.
    """

    installation: Installation
    pool: str
    resolvers: tuple[IPv4Address, ...]
    local: tuple[IPv4Network, ...]
    outward: str | None
    edge: int
    _seen: float = -math.inf

    @classmethod
    def of(cls, installation: Installation, pool: str, *, edge: int) -> Self:
        """For this machine as it is now."""
        outward = outward_interface()
        return cls(installation, pool, reachable_resolvers(), tuple(routed_networks()), outward, edge)

    def rules(self) -> str:
        return _RULES.substitute(
            table=self.installation.table,
            ours=f"{self.installation.interface_prefix}*",
            pool=self.pool,
            edge=self.edge,
            resolvers=", ".join(map(str, self.resolvers)),
            stray=self._stray(),
            refused=", ".join(_without_overlaps([*map(IPv4Network, _PRIVATE), *self.local])),
        )

    def _stray(self) -> str:
        """The address of an app that is gone would otherwise be looked for outside, and somebody there may answer."""
        if not self.outward:
            return ""
        return f'oifname "{self.outward}" ip daddr {self.pool} meta l4proto tcp reject with tcp reset'

    def forward_exceptions(self) -> list[list[str]]:
        """Arguments of `iptables` rules, for machines that drop what is forwarded unless a rule lets it pass."""
        ours = f"{self.installation.interface_prefix}+"
        return [
            ["-i", ours, "-j", "ACCEPT"],
            ["-o", ours, "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT"],
        ]

    def apply(self) -> str | None:
        """Put the rules in place; applying them twice changes nothing. Returns why it could not be done."""
        if not shutil.which("nft"):
            return "nft is not installed (Debian package nftables)"
        done = _run("nft", "-f", "-", text=self.rules())
        if done.returncode:
            _log.warning("firewall_refused", reason=done.stderr.strip())
            return "nft may not change this machine's rules"
        self._seen = time.monotonic()
        self._except_from_drop()
        if _FORWARDING.read_text().strip() == "0":
            _FORWARDING.write_text("1")
        return None

    def ensure(self) -> None:
        """Put the rules back if somebody flushed them: a reload of the machine's firewall does. Looks now and then."""
        if time.monotonic() - self._seen < _BETWEEN_LOOKS:
            return
        self._seen = time.monotonic()
        if _run("nft", "list", "chain", "inet", self.installation.table, "outward").returncode:
            _log.warning("firewall_restored", table=self.installation.table)
            self.apply()
        else:
            self._except_from_drop()

    def remove(self) -> None:
        self._seen = -math.inf
        if not shutil.which("nft"):
            return
        _run("nft", "delete", "table", "inet", self.installation.table)
        chain = _dropping_chain()
        for rule in self.forward_exceptions() if chain else ():
            _run("iptables", "-w", "-D", str(chain), *rule)

    def _except_from_drop(self) -> None:
        chain = _dropping_chain()
        for rule in self.forward_exceptions() if chain else ():
            if _run("iptables", "-w", "-C", str(chain), *rule).returncode:
                _run("iptables", "-w", "-I", str(chain), *rule)


def _dropping_chain() -> str | None:
    """Where an exception belongs, or None where forwarded packets pass anyway."""
    if not shutil.which("iptables"):
        return None
    listed = _run("iptables", "-w", "-S", "FORWARD").stdout
    if "-P FORWARD DROP" not in listed:
        return None
    return "DOCKER-USER" if "-j DOCKER-USER" in listed else "FORWARD"


def _without_overlaps(networks: Iterable[IPv4Network]) -> list[str]:
    """An nftables set refuses networks that lie within each other."""
    kept: list[IPv4Network] = []
    for network in sorted(networks, key=lambda each: each.prefixlen):
        if not any(network.subnet_of(other) for other in kept):
            kept.append(network)
    return [str(network) for network in sorted(kept)]


def _run(*argv: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, input=text, capture_output=True, text=True, timeout=_SECONDS)
