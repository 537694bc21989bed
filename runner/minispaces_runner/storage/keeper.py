"""Keeps the volumes as the world wants them: grown where they are too small, gone where somebody said so.

A volume that the world does not name is left alone: only what is named as removed goes, since nothing brings it back.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog
from anyio import to_thread

from minispaces_contract.messages import DesiredWorld
from minispaces_runner.engine import EngineError
from minispaces_runner.ledger import Ledger
from minispaces_runner.storage.volumes import Volumes
from minispaces_runner.waiting import wait_for

SWEEP_SECONDS = 30.0
_PAUSE = 0.2
"""Between two looks: a ledger of many apps changes often."""

_Argument = TypeVar("_Argument")

log = structlog.get_logger()


async def keep_storage(volumes: Volumes, ledger: Ledger) -> None:
    """For ever."""
    kept: DesiredWorld | None = None
    while True:
        change, world = ledger.change, ledger.world
        if world is not None and (kept is None or differs(kept, world)):
            await to_thread.run_sync(tend, volumes, world)
            kept = world
        await asyncio.sleep(_PAUSE)
        await wait_for(change, SWEEP_SECONDS)


def differs(old: DesiredWorld, new: DesiredWorld) -> bool:
    return (old.storages, old.removed_storages) != (new.storages, new.removed_storages)


def tend(volumes: Volumes, world: DesiredWorld) -> None:
    for name in world.removed_storages:
        if not any(storage.id == name for storage in world.storages):
            _try(volumes.remove, name)
    for storage in world.storages:
        _try(volumes.fit, storage)


def _try(work: Callable[[_Argument], None], argument: _Argument) -> None:
    """What fails here is in the log already, and is tried again with the next change."""
    try:
        work(argument)
    except EngineError:
        log.debug("storage_left", storage=str(argument))
