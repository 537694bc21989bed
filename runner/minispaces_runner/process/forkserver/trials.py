"""Starts whose app does not listen yet. A forked app that ends before it ever did may blame the fork."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from minispaces_contract.messages import DeploymentSpec
from minispaces_runner.engine import EngineError
from minispaces_runner.process.folder import Started
from minispaces_runner.process.sockets import listening_addresses

_log = structlog.get_logger()
_SOONEST, _LATEST = 0.01, 0.5
"""Seconds between two looks."""


class Trials:
    """`passed` and `failed` are told once per start, unless it is forgotten before."""

    def __init__(
        self,
        passed: Callable[[DeploymentSpec], Awaitable[None]],
        failed: Callable[[DeploymentSpec, Started], Awaitable[None]],
    ) -> None:
        self._passed, self._failed = passed, failed
        self._running: dict[str, asyncio.Task[None]] = {}

    def begin(self, spec: DeploymentSpec, started: Started) -> None:
        self.forget(spec.id)
        task = asyncio.get_running_loop().create_task(self._follow(spec, started))
        self._running[spec.id] = task

    def is_on_trial(self, deployment_id: str) -> bool:
        return deployment_id in self._running

    def forget(self, deployment_id: str) -> None:
        task = self._running.pop(deployment_id, None)
        if task and task is not asyncio.current_task():  # a failed trial begins the next one itself
            task.cancel()

    async def settled(self, deployment_id: str) -> None:
        """Wait until it is known how the start went, a second one included."""
        while task := self._running.get(deployment_id):
            await asyncio.wait([task])

    def close(self) -> None:
        for each in list(self._running):
            self.forget(each)

    async def _follow(self, spec: DeploymentSpec, started: Started) -> None:
        pause = _SOONEST
        while started.init.is_alive() and not listening_addresses(started.init.pid):
            await asyncio.sleep(pause)
            pause = min(pause * 1.05, _LATEST)
        try:
            if started.init.is_alive():
                await self._passed(spec)
            else:
                await self._failed(spec, started)
        except EngineError as error:
            _log.warning("start_failed", deployment=spec.id, reason=str(error))
        finally:
            if self._running.get(spec.id) is asyncio.current_task():
                del self._running[spec.id]
