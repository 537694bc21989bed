"""Keep the ledger's world as the platform wants it: a Space's part at its hint, all of it every five seconds."""

import asyncio
import time
from collections.abc import Callable, Collection

import httpx2
import redis.asyncio
import structlog

from minispaces_contract import hints
from minispaces_contract.client import RunnerDoor
from minispaces_contract.messages import DesiredWorld
from minispaces_runner.hint_follower import follow_hints
from minispaces_runner.ledger import Ledger
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.waiting import wait_for
from minispaces_runner.world_file import load_world, save_world

SWEEP_SECONDS = 5.0
_MOST_AT_ONCE = 50
"""Spaces to ask for by their ids; more come with everything else."""
_ONE_SPACE = hints.world("")

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
        self._hinted: set[str] = set()
        self._fetch_now = asyncio.Event()

    async def begin(self) -> None:
        """The platform's word, or else that of the last time."""
        if not await self._fetch(()):
            self._ledger.world = load_world(self._file)

    async def run(self, changed: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(follow_hints(self._redis, f"{hints.WORLD}*", self._hear, seconds=SWEEP_SECONDS))
            sweep = 0.0
            while True:
                await wait_for(self._fetch_now, max(0.0, sweep - time.monotonic()))
                self._fetch_now.clear()
                spaces, self._hinted = wanted_spaces(self._hinted), set()
                if not spaces:
                    sweep = time.monotonic() + SWEEP_SECONDS
                if await self._fetch(spaces):
                    changed()

    def _hear(self, channel: str) -> None:
        self._hinted.add(channel)
        self._fetch_now.set()

    async def _fetch(self, spaces: Collection[str]) -> bool:
        """True when the world is another one now. Without `spaces` all of it."""
        known = self._ledger.world
        try:
            world = await self._door.world(spaces if known else ())
        except httpx2.HTTPError as error:
            log.warning("platform_away", reason=type(error).__name__)
            return False
        if known and spaces:
            world = with_part(known, world, of=spaces)
        if world == known:
            return False
        self._ledger.world = world
        save_world(self._file, world)
        self._ledger.notify()
        return True


def wanted_spaces(channels: Collection[str]) -> frozenset[str]:
    """Which Spaces the hints speak of. Empty for all: nobody hinted, or at more than single Spaces."""
    single = frozenset(each.removeprefix(_ONE_SPACE) for each in channels if each.startswith(_ONE_SPACE))
    return single if len(single) == len(channels) <= _MOST_AT_ONCE else frozenset()


def with_part(known: DesiredWorld, part: DesiredWorld, *, of: Collection[str]) -> DesiredWorld:
    """Storages have no Space, so `part` names all of them."""
    return part.model_copy(
        update={
            "deployments": (*(each for each in known.deployments if each.space_id not in of), *part.deployments),
            "routes": (*(each for each in known.routes if each.space_id not in of), *part.routes),
        }
    )
