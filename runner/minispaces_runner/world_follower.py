"""Keep the ledger's world as the platform wants it: at every hint, and every five seconds."""

import asyncio
from collections.abc import Callable

import httpx2
import redis.asyncio
import structlog

from minispaces_contract import hints
from minispaces_contract.client import RunnerDoor
from minispaces_runner.hint_follower import set_on_hint
from minispaces_runner.ledger import Ledger
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.waiting import wait_for
from minispaces_runner.world_file import load_world, save_world

SWEEP_SECONDS = 5.0

log = structlog.get_logger()


class WorldFollower:
    """While the platform is away the last world stays in force."""

    def __init__(
        self, door: RunnerDoor, client: redis.asyncio.Redis, *, ledger: Ledger, settings: RunnerSettings
    ) -> None:
        self._door = door
        self._redis = client
        self._ledger = ledger
        self._file = settings.world_file
        self._fetch_now = asyncio.Event()

    async def begin(self) -> None:
        """The platform's word, or else that of the last time."""
        if not await self._fetch():
            self._ledger.world = load_world(self._file)

    async def run(self, changed: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as group:
            hinted = set_on_hint(self._redis, hints.WORLD, self._fetch_now, seconds=SWEEP_SECONDS)
            group.create_task(hinted)
            while True:
                await wait_for(self._fetch_now, SWEEP_SECONDS)
                self._fetch_now.clear()
                if await self._fetch():
                    changed()

    async def _fetch(self) -> bool:
        """True when the world is another one now."""
        try:
            world = await self._door.world()
        except httpx2.HTTPError as error:
            log.warning("platform_away", reason=type(error).__name__)
            return False
        if world == self._ledger.world:
            return False
        self._ledger.world = world
        save_world(self._file, world)
        self._ledger.notify()
        return True
