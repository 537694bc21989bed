"""Notices at once when a process ends, whoever its parent is."""

import asyncio
import os
from collections.abc import AsyncIterator

from minispaces_runner.process.identity import ProcessIdentity


class Exits:
    """Process handles in the event loop; belongs to the loop in which it is used."""

    def __init__(self) -> None:
        self._handles: dict[int, int] = {}
        self._hint = asyncio.Event()

    def watch(self, *processes: ProcessIdentity) -> None:
        for process in processes:
            if not process.is_alive():
                self._hint.set()
            elif process.pid not in self._handles:
                handle = os.pidfd_open(process.pid)
                self._handles[process.pid] = handle
                asyncio.get_running_loop().add_reader(handle, self._ended, process.pid)

    async def hints(self) -> AsyncIterator[None]:
        """For one reader; several ends may become one hint."""
        while True:
            await self._hint.wait()
            self._hint.clear()
            yield

    def close(self) -> None:
        for pid in list(self._handles):
            self._forget(pid)

    def _ended(self, pid: int) -> None:
        self._forget(pid)
        self._hint.set()

    def _forget(self, pid: int) -> None:
        handle = self._handles.pop(pid)
        asyncio.get_running_loop().remove_reader(handle)
        os.close(handle)
