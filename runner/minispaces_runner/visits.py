"""How often each app was opened: read from the proxy's table, and told upwards as what came since."""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

import httpx2

from minispaces_contract.client import RunnerDoor
from minispaces_contract.visits import VisitsReport
from minispaces_runner.haproxy_socket import HaproxySocket

PERIOD_SECONDS = 10
_ROW = re.compile(r"\bkey=(\S+\|\S+) .*?\bgpc0=(\d+)")


def parse_opened(answer: str) -> dict[str, int]:
    """Pages opened by row, from the answer to `show table activity`: a host has one for each place that it led to."""
    return {row: int(count) for row, count in _ROW.findall(answer)}


def opened_since(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """A count that fell began anew: the proxy restarted, or it had forgotten a host."""
    came = {host: count - known if count >= (known := before.get(host, 0)) else count for host, count in after.items()}
    return {host: count for host, count in came.items() if count}


def by_host(opened: Mapping[str, int]) -> dict[str, int]:
    hosts: Counter[str] = Counter()
    for row, count in opened.items():
        hosts[row.rpartition("|")[2]] += count
    return dict(hosts)


class VisitsTeller:
    """Starts from what the proxy has counted before: whatever that was, it has been told, or is lost."""

    def __init__(self, door: RunnerDoor, socket: HaproxySocket) -> None:
        self._door = door
        self._socket = socket
        self._told: dict[str, int] | None = None

    async def run(self) -> None:
        while True:
            with suppress(httpx2.HTTPError):
                await self.tell()
            await asyncio.sleep(PERIOD_SECONDS)

    async def tell(self) -> None:
        """Raises `httpx2.HTTPError` while the platform is away; the next time then tells it all."""
        answer = await self._socket.ask(["show table activity"])
        if answer is None:
            return
        counted = parse_opened(answer)
        came = by_host(opened_since(self._told, counted)) if self._told is not None else {}
        if came:
            await self._door.report_visits(VisitsReport(visits=came))
        self._told = counted
