"""The internal door as methods: what the builder and the runner may ask of, and tell, the platform.

Reports are retried here and applied by compare-and-set there, so twice or late changes nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import stamina

from minispaces_contract.messages import (
    BuildReport,
    BuildSpec,
    DesiredWorld,
    EdgeAccess,
    InstanceReport,
    KeptArtifacts,
    PictureOrder,
    TicketAnswer,
    TicketPresented,
)
from minispaces_contract.settings import ServiceSettings
from minispaces_contract.usage import FlaggedReport, UsageReport
from minispaces_contract.visits import VisitsReport

_AWAY = frozenset({502, 503, 504, 507})
_TIMEOUT = httpx2.Timeout(30, connect=5)


class LeaseLostError(Exception):
    """The platform has given this build to somebody else, or it was cancelled: stop working on it."""


def is_passing(error: Exception) -> bool:
    """Whether the same may be answered soon: the platform is away, or a part that it stands on."""
    if isinstance(error, httpx2.HTTPStatusError):
        return error.response.status_code in _AWAY
    return isinstance(error, httpx2.TransportError)


def _options(settings: ServiceSettings, *, asynchronous: bool) -> dict[str, Any]:
    options: dict[str, Any] = {
        "headers": {"Authorization": f"Bearer {settings.internal_token.get_secret_value()}"},
        "timeout": _TIMEOUT,
    }
    if settings.internal_url.startswith("unix://"):
        kind = httpx2.AsyncHTTPTransport if asynchronous else httpx2.HTTPTransport
        options["transport"] = kind(uds=settings.internal_url.removeprefix("unix://"))
        options["base_url"] = "http://platform"
    else:
        options["base_url"] = settings.internal_url
    return options


class BuilderDoor:
    """For the builder; synchronous, like Celery."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._http = httpx2.Client(**_options(settings, asynchronous=False))

    def claim(self, build_id: str) -> BuildSpec | None:
        """Take the lease; None when the build is not to be had (taken, cancelled, finished, unknown)."""
        answer = self._http.post(f"/internal/builds/{build_id}/claim")
        if answer.status_code in {404, 409}:
            return None
        return BuildSpec.model_validate_json(answer.raise_for_status().content)

    def heartbeat(self, build_id: str, attempt: int) -> None:
        """Keep the lease. Raises LeaseLostError."""
        answer = self._http.post(f"/internal/builds/{build_id}/heartbeat", params={"attempt": attempt})
        if answer.status_code in {404, 409}:
            raise LeaseLostError(build_id)
        answer.raise_for_status()

    @contextmanager
    def source(self, build_id: str, attempt: int) -> Iterator[Iterator[bytes]]:
        """The commit's files as a tar stream. Raises LeaseLostError."""
        with self._http.stream("GET", f"/internal/builds/{build_id}/source", params={"attempt": attempt}) as answer:
            if answer.status_code in {404, 409}:
                raise LeaseLostError(build_id)
            yield answer.raise_for_status().iter_bytes(1 << 16)

    @stamina.retry(on=is_passing, attempts=None, timeout=120)
    def report(self, report: BuildReport) -> None:
        """Say how a build ended; retried for two minutes. Raises LeaseLostError."""
        answer = self._http.post(
            f"/internal/builds/{report.build_id}/report", content=report.model_dump_json(), headers=_JSON
        )
        if answer.status_code in {404, 409}:
            raise LeaseLostError(report.build_id)
        answer.raise_for_status()

    def kept_artifacts(self) -> KeptArtifacts:
        return KeptArtifacts.model_validate_json(self._http.get("/internal/artifacts").raise_for_status().content)

    def picture_order(self, deployment_id: str) -> PictureOrder | None:
        """None when no picture is wanted (any more)."""
        answer = self._http.get(f"/internal/deployments/{deployment_id}/picture")
        if answer.status_code in {404, 409}:
            return None
        return PictureOrder.model_validate_json(answer.raise_for_status().content)

    def keep_picture(self, deployment_id: str, picture: bytes) -> None:
        self._http.put(f"/internal/deployments/{deployment_id}/picture", content=picture).raise_for_status()


class RunnerDoor:
    """For the runner; asynchronous."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._http = httpx2.AsyncClient(**_options(settings, asynchronous=True))

    async def world(self, spaces: Iterable[str] = ()) -> DesiredWorld:
        """Everything that should be, or of these Spaces. Raises `httpx2.HTTPError` while the platform is away."""
        answer = await self._http.get("/internal/world", params={"space": sorted(spaces)})
        return DesiredWorld.model_validate_json(answer.raise_for_status().content)

    async def access(self) -> EdgeAccess:
        """Who may come in where. Raises `httpx2.HTTPError` while the platform is away."""
        return EdgeAccess.model_validate_json((await self._http.get("/internal/access")).raise_for_status().content)

    async def redeem(self, ticket: TicketPresented) -> TicketAnswer:
        """Use up a visitor's ticket. Raises `httpx2.HTTPError` while the platform is away."""
        answer = await self._http.post("/internal/tickets/redeem", content=ticket.model_dump_json(), headers=_JSON)
        return TicketAnswer.model_validate_json(answer.raise_for_status().content)

    @stamina.retry(on=is_passing, attempts=None, timeout=60)
    async def report(self, report: InstanceReport) -> None:
        """Say what became of an instance; retried for a minute, and a deployment that is gone is no error."""
        answer = await self._http.post("/internal/instances", content=report.model_dump_json(), headers=_JSON)
        answer.raise_for_status()

    async def report_visits(self, report: VisitsReport) -> None:
        """Raises `httpx2.HTTPError` while the platform is away."""
        answer = await self._http.post("/internal/visits", content=report.model_dump_json(), headers=_JSON)
        answer.raise_for_status()

    async def report_usage(self, report: UsageReport) -> None:
        """Raises `httpx2.HTTPError` while the platform is away."""
        answer = await self._http.post("/internal/usage", content=report.model_dump_json(), headers=_JSON)
        answer.raise_for_status()

    async def report_flagged(self, report: FlaggedReport) -> None:
        """Raises `httpx2.HTTPError` while the platform is away."""
        answer = await self._http.post("/internal/flagged", content=report.model_dump_json(), headers=_JSON)
        answer.raise_for_status()

    async def aclose(self) -> None:
        await self._http.aclose()


_JSON = {"Content-Type": "application/json"}
