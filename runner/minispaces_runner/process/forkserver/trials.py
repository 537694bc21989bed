"""Starts whose app does not listen yet. A forked app that ends, or hangs, before it ever did may blame the fork."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from minispaces_contract.messages import DeploymentSpec
from minispaces_runner.engine import EngineError
from minispaces_runner.process.folder import Started
from minispaces_runner.process.sockets import listening_addresses

_log = structlog.get_logger()
_SOONEST, _LATEST = 0.01, 0.5
"""Seconds between two looks."""
_PATIENCE, _SHARE = 30.0, 0.25
"""Seconds in which a forked app does something, and the part of its time to start that this may take."""
_LEAST_WORK = 0.1
"""Seconds of a processor: a lock that no thread is left to open needs none, a slow download does."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `began` on, when the app had used so much of a processor."""

    began: float
    worked: float = 0

    def next(self, worked: float, *, now: float) -> "Span | None":
        """The one after this; None where nothing was done in it: then it hangs."""
        return Span(now, worked) if worked - self.worked >= _LEAST_WORK else None


def patience_with(spec: DeploymentSpec) -> float:
    return min(_PATIENCE, spec.startup_seconds * _SHARE)


class Trials:
    """`passed` and `failed` are told once per start, unless it is forgotten before; `failed` with what it did.

    `worked` says how many seconds of a processor an app has used.
    """

    def __init__(
        self,
        passed: Callable[[DeploymentSpec], Awaitable[None]],
        failed: Callable[[DeploymentSpec, Started, str], Awaitable[None]],
        *,
        worked: Callable[[Started], float],
    ) -> None:
        self._passed, self._failed, self._worked = passed, failed, worked
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
        failure = await self._failure_of(spec, started)
        try:
            await (self._failed(spec, started, failure) if failure else self._passed(spec))
        except EngineError as error:
            _log.warning("start_failed", deployment=spec.id, reason=str(error))
        finally:
            if self._running.get(spec.id) is asyncio.current_task():
                del self._running[spec.id]

    async def _failure_of(self, spec: DeploymentSpec, started: Started) -> str:
        """Empty once it listens."""
        pause, patience, span = _SOONEST, patience_with(spec), Span(time.monotonic())
        while not listening_addresses(started.init.pid):
            if not started.init.is_alive():
                return "it ended before it listened"
            if started.forked and (now := time.monotonic()) - span.began >= patience:
                if (following := span.next(self._worked(started), now=now)) is None:
                    return f"it did nothing for {patience:g} s, and did not listen"
                span = following
            await asyncio.sleep(pause)
            pause = min(pause * 1.05, _LATEST)
        return ""
