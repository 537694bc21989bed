"""A network of its own for every Space, in which containers reach neither each other nor the machine."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import docker
import docker.errors
from docker.models.networks import Network
from docker.types import IPAMConfig, IPAMPool

from minispaces_runner.addresses import free_subnets, outward_mtu, routed_networks
from minispaces_runner.containers.spec import INSTALLATION, SPACE, network_name
from minispaces_runner.installation import Installation


@dataclass(frozen=True, slots=True)
class Networks:
    """Explicit subnets: Docker's own default pools hold about thirty networks."""

    client: docker.DockerClient
    installation: Installation
    pool: str
    _choosing: threading.Lock = field(default_factory=threading.Lock)

    def ensure(self, space_id: str) -> None:
        with self._choosing:
            if self.find(space_id) is None:
                self._create(space_id)

    def find(self, space_id: str) -> Network | None:
        """Docker's filter by name also finds names that only contain it."""
        name = network_name(space_id)
        return next((each for each in self.client.networks.list(names=[name]) if each.name == name), None)

    def remove(self, space_id: str) -> None:
        """Fine when it is gone, and when another container of the Space is still in it."""
        if network := self.find(space_id):
            with suppress(docker.errors.APIError):
                network.remove()

    def clear(self) -> None:
        mine = f"{INSTALLATION}={self.installation.id}"
        for network in self.client.networks.list(filters={"label": mine}):
            with suppress(docker.errors.APIError):
                network.remove()

    def _create(self, space_id: str) -> None:
        """Raises EngineError when no address range is left."""
        for index, subnet in free_subnets(self.pool, self._taken(), first=int(self.installation.id, 16)):
            try:
                self._create_as(space_id, self.installation.interface(index), subnet)
            except docker.errors.APIError as error:
                if "overlap" not in str(error).lower():
                    raise
            else:
                return

    def _create_as(self, space_id: str, bridge: str, subnet: IPv4Network) -> None:
        self.client.networks.create(
            network_name(space_id),
            driver="bridge",
            check_duplicate=True,
            ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet))]),
            labels={INSTALLATION: self.installation.id, SPACE: space_id},
            options={
                "com.docker.network.bridge.name": bridge,
                "com.docker.network.bridge.enable_icc": "false",
                "com.docker.network.driver.mtu": str(outward_mtu()),
            },
        )

    def _taken(self) -> list[IPv4Network]:
        """Also what Docker has given away but the machine does not route at the moment."""
        found = routed_networks()
        for network in self.client.networks.list():
            for pool in ((network.attrs.get("IPAM") or {}).get("Config")) or ():
                with suppress(ValueError):
                    found.append(IPv4Network(pool.get("Subnet", "")))
        return found
