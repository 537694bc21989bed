"""Tells the platform every few seconds what the apps and their machine use, and what people flagged in apps."""

import asyncio
import csv
import io
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import structlog
from anyio import to_thread

from minispaces_contract.client import RunnerDoor
from minispaces_contract.usage import AppUsage, FlaggedReport, FlaggedRow, MachineUsage, StorageUsage, UsageReport
from minispaces_runner import machine
from minispaces_runner.engine import Engine, EngineError, Instance, Used
from minispaces_runner.gpu.book import Book
from minispaces_runner.gpu.devices import find_gpus
from minispaces_runner.haproxy_socket import HaproxySocket

PERIOD = 5.0
SLOW_EVERY = 6
"""Of so many turns, one also counts files and looks for flagged samples."""
_MOST_ROWS = 200
_MOST_COLUMNS = 40
_MOST_LETTERS = 4000

log = structlog.get_logger()


class UsageTeller:
    """Holds the counters of the turn before: what is told is what happened since."""

    def __init__(self, engine: Engine, door: RunnerDoor, proxy: HaproxySocket, data: Path, *, book: Book) -> None:
        self._book = book
        self._engine = engine
        self._door = door
        self._proxy = proxy
        self._data = data
        self._before: dict[str, Used] = {}
        self._busy = machine.busy_seconds()
        self._at = time.monotonic()
        self._disks: dict[str, int] = {}
        self._told: dict[str, int] = {}

    async def run(self) -> None:
        """For ever; a platform that is away misses what happened meanwhile."""
        turn = 0
        while True:
            await asyncio.sleep(PERIOD)
            try:
                await self.tell(slow=turn % SLOW_EVERY == 0)
            except (EngineError, httpx2.HTTPError, OSError) as error:
                log.debug("usage_untold", reason=str(error))
            turn += 1

    async def tell(self, *, slow: bool = False) -> None:
        if slow:
            self._disks = await self._engine.disk()
        running = [each for each in await self._engine.instances() if each.exit is None]
        used = await self._engine.usage()
        now, busy = time.monotonic(), machine.busy_seconds()
        seconds = max(0.001, now - self._at)
        apps = [self._app(each, used[each.deployment_id], seconds) for each in running if each.deployment_id in used]
        this = await self._machine((busy - self._busy) / seconds)
        self._before, self._at, self._busy = used, now, busy
        await self._door.report_usage(
            UsageReport(
                at=datetime.now(UTC),
                seconds=seconds,
                machine=this,
                apps=tuple(apps),
                gpu_epoch=self._book.epoch,
                gpu=self._book.report(),
                storages=await self._storages(counted=slow),
            )
        )
        if slow:
            await self._tell_flagged(running)

    async def _storages(self, *, counted: bool) -> tuple[StorageUsage, ...] | None:
        return tuple(await to_thread.run_sync(self._engine.volumes.usage)) if counted else None

    def _app(self, instance: Instance, used: Used, seconds: float) -> AppUsage:
        before = self._before.get(instance.deployment_id, used)
        return AppUsage(
            deployment_id=instance.deployment_id,
            space_id=instance.space_id,
            cpus=max(0.0, used.cpu_seconds - before.cpu_seconds) / seconds,
            memory=used.memory,
            memory_limit=used.memory_limit,
            disk=self._disks.get(instance.deployment_id, 0),
            sent=max(0, used.sent - before.sent),
            received=max(0, used.received - before.received),
        )

    async def _machine(self, cpus: float) -> MachineUsage:
        memory, memory_total = machine.memory()
        disk = shutil.disk_usage(self._data)
        return MachineUsage(
            processors=os.cpu_count() or 1, cpus=max(0.0, cpus), memory=memory, memory_total=memory_total,
            disk=disk.total - disk.free, disk_total=disk.total, engine=type(self._engine).__name__,
            isolation=self._engine.isolation, proxy=await self._proxy.ask(["show info"]) is not None,
            gpus=tuple(gpu.usage for gpu in await to_thread.run_sync(find_gpus)),
        )  # fmt: skip

    async def _tell_flagged(self, running: list[Instance]) -> None:
        """Only of apps whose samples have changed; a report that was lost is made again."""
        for instance in running:
            files = await self._engine.flagged(instance.deployment_id)
            mark = hash(tuple(files))
            if files and self._told.get(instance.deployment_id) != mark:
                rows = tuple(row for file in files for row in rows_of(file))[-_MOST_ROWS:]
                await self._door.report_flagged(FlaggedReport(deployment_id=instance.deployment_id, rows=rows))
                self._told[instance.deployment_id] = mark
        there = {instance.deployment_id for instance in running}
        self._told = {name: mark for name, mark in self._told.items() if name in there}


def rows_of(content: bytes) -> list[FlaggedRow]:
    """The newest samples of a CSV file that Gradio wrote, or that an app made look so."""
    text = content.decode(errors="replace").replace("\0", "")
    try:
        read = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:
        return []
    if not read:
        return []
    header = [name[:80] or f"column {at}" for at, name in enumerate(read[0][:_MOST_COLUMNS], 1)]
    rows = [row for row in read[1:] if row][-_MOST_ROWS:]
    return [
        FlaggedRow(fields=tuple((name, value[:_MOST_LETTERS]) for name, value in zip(header, row, strict=False)))
        for row in rows
    ]
