"""Keep the proxy's doors as the platform wants them: at every hint, and every second or two, as rights also expire."""

import asyncio
from contextlib import suppress

import httpx2
import redis.asyncio
import structlog

from minispaces_contract import hints
from minispaces_contract.client import RunnerDoor
from minispaces_contract.messages import EdgeAccess, TicketAnswer, TicketPresented
from minispaces_runner.edge_maps import EdgeMaps
from minispaces_runner.haproxy_socket import HaproxySocket
from minispaces_runner.hint_follower import follow_hints
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.streams import end_streams
from minispaces_runner.waiting import wait_for

SWEEP_SECONDS = 1.5

log = structlog.get_logger()


class AccessFollower:
    """While the platform is away the last word stays in force: in the proxy, and in the files of its maps."""

    def __init__(self, door: RunnerDoor, client: redis.asyncio.Redis, settings: RunnerSettings) -> None:
        self._door = door
        self._redis = client
        self._socket = HaproxySocket(settings.proxy_socket)
        self._maps = EdgeMaps(settings.proxy_maps, self._socket)
        self._known: EdgeAccess | None = None
        self._fetch_now = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            hear = follow_hints(self._redis, hints.ACCESS, lambda _: self._fetch_now.set(), seconds=SWEEP_SECONDS)
            group.create_task(hear)
            while True:
                self._fetch_now.clear()
                with suppress(httpx2.HTTPError):
                    await self.refresh()
                await wait_for(self._fetch_now, SWEEP_SECONDS)

    async def refresh(self) -> None:
        """Until the proxy knows what the platform knows now. Raises `httpx2.HTTPError` while that is away."""
        async with self._one_at_a_time:
            access = await self._door.access()
            if access != self._known:
                self._known = access if await self._maps.become(access) else None
            await end_streams(self._socket, access)

    async def redeem(self, ticket: TicketPresented) -> TicketAnswer:
        """The proxy knows the visitor before they come back. Raises `httpx2.HTTPError` while the platform is away."""
        answer = await self._door.redeem(ticket)
        if answer.outcome == "entered":
            await self.refresh()
        return answer
