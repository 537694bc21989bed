"""The steps of a plan, carried out: one short sequence each."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import redis.asyncio
import structlog

from minispaces_contract import logstream
from minispaces_contract.logstream import Kind
from minispaces_contract.messages import DeploymentSpec, InstanceReport
from minispaces_contract.states import InstanceStatus
from minispaces_runner.app_logs import append_patiently
from minispaces_runner.engine import Engine, EngineError, Instance
from minispaces_runner.ledger import Ledger
from minispaces_runner.masking import mask_for
from minispaces_runner.progress import after_crash, lived_seconds, target_of
from minispaces_runner.readiness import Answer, await_answer
from minispaces_runner.reporter import Reporter
from minispaces_runner.routes import RouteTable
from minispaces_runner.steps import Fail, Freeze, PageOut, PutToSleep, Recover, Serve, StandBy, Stop, Thaw, Wait
from minispaces_runner.tiers import LEAST_IDLE
from minispaces_runner.words import words_for_end, words_for_hang, words_for_silence, words_for_timeout, words_of_return

_BUILD_LOG_SECONDS = 0.5
_MOST_UNREAD = 200
_SILENCE_SECONDS = 5.0
"""After so long without an answer the pusher is told where the app does listen."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Effects:
    """The outside things that steps act on, and the ledger that they note their outcome in."""

    engine: Engine
    routes: RouteTable
    reporter: Reporter
    redis: redis.asyncio.Redis
    ledger: Ledger

    async def start(self, spec: DeploymentSpec) -> Instance | None:
        """None when the engine could not; what was never live has then failed."""
        if not self.ledger.of(spec.id).lived:
            await self._say(spec, Kind.HEADER, f"Starting the app on port {spec.artifact.port}")
        self.ledger.note(spec.id, sleeps=False, announced=False, waits="", silence=None)
        self._tell(spec, InstanceStatus.STARTING, detail=self.ledger.of(spec.id).ended or None)
        try:
            return await self.engine.start(spec)
        except EngineError as error:
            await self._note_failed_start(spec, str(error))
            return None

    async def wait(self, step: Wait) -> None:
        """Its pusher hears once that it waits; what changes of it is for the pages."""
        spec, first = step.spec, not self.ledger.of(step.spec.id).waits
        self.ledger.note(spec.id, waits=step.words)
        if step.in_sleep:
            return
        self._tell(spec, InstanceStatus.STARTING, detail=step.words)
        if first and not self.ledger.of(spec.id).lived:
            await self._say(spec, Kind.WARNING, step.words)

    async def await_ready(self, spec: DeploymentSpec, instance: Instance) -> None:
        first = not self.ledger.of(spec.id).lived
        explain = asyncio.create_task(self._explain_silence(spec))
        try:
            left = spec.startup_seconds - (time.time() - instance.started_at)
            answer = await await_answer(instance, host=spec.host, seconds=max(1, left))
        finally:
            explain.cancel()
        await self._note_answer(spec, instance, answer, first=first)

    async def serve(self, step: Serve) -> None:
        if not await self._lead(step.spec, step.instance):
            return
        for older in step.replaces:
            self.ledger.note(older, replaced_at=time.time())
        progress = self.ledger.of(step.spec.id)
        self._tell(step.spec, InstanceStatus.RUNNING, seconds=progress.seconds, detail=progress.ended or None)

    async def freeze(self, step: Freeze) -> None:
        """The route goes first. Who came through it before that is served, and then it stays awake."""
        spec = step.spec
        await self._lead_away(spec)
        if await self._is_used(spec):
            await self._lead(spec, step.instance)
            return
        frozen = await self.engine.freeze(spec.id)
        if not frozen or await self._is_used(spec):
            self.ledger.note(spec.id, unfreezable=not frozen)
            await self.thaw(Thaw(spec, step.instance))
            return
        self.ledger.note(spec.id, sleeps=True, slept_at=time.time(), ended="")
        self._tell(spec, InstanceStatus.SLEEPING)

    async def stand_by(self, step: StandBy) -> None:
        """What it is working at goes on when its turn comes. A new version is live by then: it has answered."""
        spec, progress = step.spec, self.ledger.of(step.spec.id)
        if not progress.announced:
            self._tell(spec, InstanceStatus.RUNNING, seconds=progress.seconds)
        await self._lead_away(spec)
        for older in step.replaces:
            self.ledger.note(older, replaced_at=time.time())
        frozen = await self.engine.freeze(spec.id)
        self.ledger.note(spec.id, sleeps=True, slept_at=time.time(), announced=True, unfreezable=not frozen, waits="")
        self._tell(spec, InstanceStatus.SLEEPING)

    async def thaw(self, step: Thaw) -> None:
        """Before the route leads there: a frozen app takes connections and never answers them."""
        await self.engine.thaw(step.spec.id)
        self.ledger.note(step.spec.id, sleeps=False, paged_out=False, since=time.time(), announced=False, silence=None)
        self.ledger.note(step.spec.id, waits="")
        if await self._lead(step.spec, step.instance):
            self._tell(step.spec, InstanceStatus.RUNNING)

    async def page_out(self, step: PageOut) -> None:
        self.ledger.note(step.spec.id, paged_out=True)
        await self.engine.page_out(step.spec.id)

    async def put_to_sleep(self, step: PutToSleep) -> None:
        spec = step.spec
        if step.instance is not None:
            await self._lead_away(spec)
            if step.instance.exit is None and not step.by_hand and await self._is_used(spec):
                return  # its route comes back by itself
            await self.engine.stop(spec.id)
        slept_at = time.time() if step.instance else self.ledger.of(spec.id).slept_at
        self.ledger.note(spec.id, ready=False, paged_out=False, silence=None, ended="")
        self.ledger.note(spec.id, sleeps=True, slept_at=slept_at, announced=True)
        self._tell(spec, InstanceStatus.SLEEPING)

    async def fail(self, step: Fail) -> None:
        words = await self._words(step, crashes=self.ledger.of(step.spec.id).crashes)
        await self._note_failure(step.spec, words, await self._last_lines(step.spec))
        await self.engine.stop(step.spec.id)

    async def give_up(self, spec: DeploymentSpec, words: str) -> None:
        """Of one that runs, and may not go on; the plan takes it away."""
        await self.note_in_log(spec, words)
        await self._note_failure(spec, words, await self._last_lines(spec))

    async def recover(self, step: Recover) -> None:
        spec, before, now = step.spec, self.ledger.of(step.spec.id), time.time()
        words = words_of_return(await self._words(step), at=now)
        lived = lived_seconds(step.instance, before, now=now)
        self.ledger.progress[spec.id] = after_crash(before, lived_seconds=lived, now=now, words=words)
        self._tell(spec, InstanceStatus.STARTING, detail=words)
        await self.note_in_log(spec, words)
        await self.engine.stop(spec.id)

    async def stop(self, step: Stop) -> None:
        await self.engine.stop(step.deployment_id)
        if step.spec is not None and self.ledger.of(step.spec.id).failed is None:
            self.ledger.forget(step.spec.id)
            self._tell(step.spec, InstanceStatus.STOPPED)

    async def _note_answer(self, spec: DeploymentSpec, instance: Instance, answer: Answer, *, first: bool) -> None:
        if not answer.ready:
            self.ledger.note(spec.id, timed_out=True, last_status=answer.status)
            return
        seconds = time.time() - instance.started_at
        if first:
            self.ledger.note(spec.id, lived=True)  # from here on its output is no longer its build's
            rest = await self._unread_lines(spec)
            await self._say(spec, Kind.LINE, *rest, f"The app answered after {seconds:.1f} s")
        self.ledger.note(spec.id, ready=True, lived=True, seconds=seconds, since=time.time())

    async def _lead(self, spec: DeploymentSpec, instance: Instance) -> bool:
        """Whether the proxy leads the host there now."""
        target = target_of(instance)
        if not await self.routes.put({spec.host: target}):
            return False
        self.ledger.answer(spec.host)
        self.ledger.note(spec.id, announced=True)
        self.ledger.see_routes({**self.ledger.routes, spec.host: target})
        return True

    async def _lead_away(self, spec: DeploymentSpec) -> None:
        """In the ledger first: from now on, who asks where the app is has to wait."""
        self.ledger.see_routes({host: to for host, to in self.ledger.routes.items() if host != spec.host})
        await self.routes.delete([spec.host])

    async def _is_used(self, spec: DeploymentSpec) -> bool:
        activity = await self.routes.activity()
        recent = activity is None or activity.of(spec.id).is_recent(LEAST_IDLE)
        return recent or spec.host in self.ledger.wanted

    async def _last_lines(self, spec: DeploymentSpec) -> list[str]:
        with suppress(EngineError):
            return list(map(mask_for(spec), await self.engine.tail(spec.id)))
        return []

    async def _unread_lines(self, spec: DeploymentSpec) -> list[str]:
        """What the app printed before its first answer and did not get through yet: often its most useful line."""
        read = self.ledger.build_lines.pop(spec.id, 0)
        with suppress(EngineError):
            printed = list(map(mask_for(spec), await self.engine.tail(spec.id, lines=_MOST_UNREAD)))
            return printed[read:] if len(printed) < _MOST_UNREAD else []
        return []

    async def _explain_silence(self, spec: DeploymentSpec) -> None:
        await asyncio.sleep(_SILENCE_SECONDS)
        with suppress(EngineError):
            listening = await self.engine.listening(spec.id)
            if listening and not self.ledger.of(spec.id).lived:
                words = words_for_silence(spec.artifact.port, listening)
                await self._say(spec, Kind.WARNING, f"After {_SILENCE_SECONDS:g} s {words}")

    async def _words(self, step: Fail | Recover, *, crashes: int = 0) -> str:
        progress = self.ledger.of(step.spec.id)
        if step.instance.exit is not None:
            return words_for_end(step.spec, step.instance.exit, crashes=crashes)
        if progress.silence is not None:
            return words_for_hang(step.spec, progress.silence, now=time.time(), crashes=crashes)
        listening: list[str] = []
        with suppress(EngineError):
            listening = await self.engine.listening(step.spec.id)
        return words_for_timeout(step.spec, listening, status=progress.last_status)

    async def _note_failed_start(self, spec: DeploymentSpec, words: str) -> None:
        if not self.ledger.of(spec.id).lived:
            await self._note_failure(spec, words, [])
            return
        now = time.time()
        self.ledger.progress[spec.id] = after_crash(self.ledger.of(spec.id), lived_seconds=0, now=now)
        self._tell(spec, InstanceStatus.STARTING, detail=words)

    async def _note_failure(self, spec: DeploymentSpec, words: str, tail: list[str]) -> None:
        if not self.ledger.of(spec.id).lived:
            await self._say(spec, Kind.ERROR, words)
        self.ledger.answer(spec.host)
        self.ledger.note(spec.id, failed=words, ready=False, announced=False)
        self._tell(spec, InstanceStatus.FAILED, detail=words, log_tail=tuple(tail))

    async def _say(self, spec: DeploymentSpec, kind: Kind, *texts: str) -> None:
        """To the pusher and the build's page."""
        entries = [logstream.entry(kind, text) for text in texts]
        await append_patiently(self.redis, logstream.build_log(spec.build_id), *entries, seconds=_BUILD_LOG_SECONDS)

    async def note_in_log(self, spec: DeploymentSpec, words: str) -> None:
        """Where whoever looks later finds it between the app's own lines."""
        said = logstream.entry(Kind.WARNING, words)
        await append_patiently(self.redis, logstream.app_log(spec.id), said, seconds=_BUILD_LOG_SECONDS)

    def _tell(self, spec: DeploymentSpec, status: InstanceStatus, **more: Any) -> None:
        self.reporter.tell(InstanceReport(deployment_id=spec.id, status=status, at=datetime.now(UTC), **more))
