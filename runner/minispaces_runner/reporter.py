"""Say upwards what became of instances: the newest word on each deployment, until the platform has it."""

import asyncio

import httpx2
import structlog

from minispaces_contract.client import RunnerDoor
from minispaces_contract.messages import InstanceReport

_PAUSE = 2.0

log = structlog.get_logger()


class Reporter:
    """Holds what has not been told yet. A newer report on a deployment takes the place of an older one."""

    def __init__(self, door: RunnerDoor) -> None:
        self._door = door
        self._untold: dict[str, InstanceReport] = {}
        self._news = asyncio.Event()

    def tell(self, report: InstanceReport) -> None:
        log.info("instance", deployment=report.deployment_id, status=report.status, detail=report.detail)
        self._untold[report.deployment_id] = report
        self._news.set()

    async def run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            for report in list(self._untold.values()):
                if await self._send(report):
                    self._forget(report)
            if self._untold:
                await self._wait_for_news()

    async def _wait_for_news(self) -> None:
        try:
            async with asyncio.timeout(_PAUSE):
                await self._news.wait()
        except TimeoutError:
            self._news.set()

    async def _send(self, report: InstanceReport) -> bool:
        """True when there is nothing more to tell. A refusal is final: repeating it would change nothing."""
        try:
            await self._door.report(report)
        except httpx2.HTTPStatusError as error:
            log.warning("report_refused", deployment=report.deployment_id, status=error.response.status_code)
            return error.response.is_client_error
        except httpx2.HTTPError as error:
            log.warning("platform_away", reason=type(error).__name__)
            return False
        return True

    def _forget(self, report: InstanceReport) -> None:
        if self._untold.get(report.deployment_id) is report:
            del self._untold[report.deployment_id]
