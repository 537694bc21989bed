"""Notices apps that stop answering while they run: `health.py` decides, the ledger remembers, the plan acts."""

import asyncio
import time
from collections.abc import Mapping

import structlog

from minispaces_contract.messages import DeploymentSpec
from minispaces_runner.activity import Use
from minispaces_runner.effects import Effects
from minispaces_runner.engine import EngineError
from minispaces_runner.health import Heard, after_knock, knock_for
from minispaces_runner.knocking import knock

_LONGEST_PERIOD = 30.0
_KNOCKS_BEFORE_THE_END = 4
_ANSWER_SECONDS = 10.0

log = structlog.get_logger()


class HealthWatch:
    """Only what has a route is knocked at: what sleeps, starts or drains has none."""

    def __init__(self, effects: Effects, *, unanswered_seconds: float) -> None:
        self._do = effects
        self._period = min(_LONGEST_PERIOD, unanswered_seconds / _KNOCKS_BEFORE_THE_END)
        self._counted: Mapping[str, Use] = {}
        """What the proxy had counted at the last round."""

    async def run(self) -> None:
        """For ever, unless nobody is to be restarted."""
        while self._period > 0:
            await asyncio.sleep(self._period)
            try:
                await self.go_round(now=time.time())
            except EngineError as error:
                log.warning("engine_away", reason=str(error))

    async def go_round(self, *, now: float) -> None:
        """Nobody is judged while the proxy is away: who waits for an app is not to be known then."""
        if (activity := await self._do.routes.activity()) is None:
            return
        served = self._served()
        heard = await asyncio.gather(*(self._knock(spec, activity.of(spec.id)) for spec in served))
        self._counted = activity.uses
        silent = any(each is not Heard.ANSWER for each in heard)
        used = await self._do.engine.usage() if silent else {}
        for spec, what in zip(served, heard, strict=True):
            self._note(spec, what, worked=used[spec.id].cpu_seconds if spec.id in used else 0, now=now)

    def _served(self) -> list[DeploymentSpec]:
        ledger = self._do.ledger
        specs = ledger.world.deployments if ledger.world else ()
        return [spec for spec in specs if self._leads_to(spec) and ledger.of(spec.id).ready]

    async def _knock(self, spec: DeploymentSpec, use: Use) -> Heard:
        kind = knock_for(self._counted.get(spec.id), use, self._do.ledger.of(spec.id).silence)
        seconds = min(_ANSWER_SECONDS, self._period)
        return await knock(self._do.ledger.routes[spec.host], kind, host=spec.host, seconds=seconds)

    def _note(self, spec: DeploymentSpec, heard: Heard, *, worked: float, now: float) -> None:
        """What lost its route meanwhile is being looked after already, or holds still."""
        before = self._do.ledger.of(spec.id).silence
        after = after_knock(before, heard, worked=worked, now=now)
        if after != before and self._leads_to(spec):
            self._do.ledger.note(spec.id, silence=after)

    def _leads_to(self, spec: DeploymentSpec) -> bool:
        target = self._do.ledger.routes.get(spec.host)
        return target is not None and target.deployment_id == spec.id
