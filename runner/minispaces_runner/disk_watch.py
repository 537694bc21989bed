"""Sees to it that apps write no more than the disk of their hardware, where the engine does not, and says so."""

import asyncio
from collections.abc import Mapping
from enum import Enum

import structlog

from minispaces_contract.messages import DeploymentSpec
from minispaces_contract.states import DesiredState
from minispaces_runner.effects import Effects
from minispaces_runner.engine import EngineError
from minispaces_runner.words import words_for_full_disk, words_for_too_much_written

PERIOD = 10.0
_MIB = 1 << 20
_FULL = 0.97

log = structlog.get_logger()


class Filled(Enum):
    NO = "no"
    FULL = "full"
    """And it can write no more."""
    OVER = "over"
    """It has written more than it may."""


def is_filled(spec: DeploymentSpec, written: int, *, kept: bool) -> Filled:
    """`kept` is whether the engine holds it to its limit."""
    most = spec.hardware.disk_mb * _MIB
    if not most or written < most * _FULL:
        return Filled.NO
    if kept:
        return Filled.FULL
    return Filled.OVER if written > most else Filled.NO


class DiskWatch:
    """Looks every few seconds, if some hardware limits the disk at all: engines count by walking over the files."""

    def __init__(self, effects: Effects) -> None:
        self._do = effects
        self._told: set[str] = set()

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(PERIOD)
            try:
                await self.look()
            except EngineError as error:
                log.debug("disks_uncounted", reason=str(error))

    async def look(self) -> None:
        limited = self._limited()
        if not limited:
            return
        written = await self._do.engine.disk()
        self._told &= written.keys()
        for spec in limited.values():
            await self._judge(spec, written.get(spec.id, 0))

    def _limited(self) -> Mapping[str, DeploymentSpec]:
        specs = self._do.ledger.world.deployments if self._do.ledger.world else ()
        running = (spec for spec in specs if spec.desired is DesiredState.RUNNING and spec.hardware.disk_mb)
        return {spec.id: spec for spec in running if self._do.ledger.of(spec.id).failed is None}

    async def _judge(self, spec: DeploymentSpec, written: int) -> None:
        filled = is_filled(spec, written, kept=self._do.engine.keeps_disk)
        if filled is Filled.OVER:
            await self._do.give_up(spec, words_for_too_much_written(spec.hardware, written))
        elif filled is Filled.NO:
            self._told.discard(spec.id)
        elif spec.id not in self._told:
            self._told.add(spec.id)
            await self._do.note_in_log(spec, words_for_full_disk(spec.hardware))
