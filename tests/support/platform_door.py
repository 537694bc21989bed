"""The platform's side of the internal door, and what it may want."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from support.eventually import eventually

from minispaces_contract.messages import (
    Artifact,
    DeploymentSpec,
    DesiredWorld,
    EdgeAccess,
    InstanceReport,
    SpaceRoute,
    TicketAnswer,
    TicketPresented,
)
from minispaces_contract.states import ArtifactKind, DesiredState, Sdk

APP = Path(__file__).parent / "driven_app.py"


@dataclass
class Door:
    """The platform's side of the internal door: says what should be, and hears what is."""

    world: DesiredWorld = field(default_factory=lambda: DesiredWorld(deployments=(), routes=()))
    asked: list[list[str]] = field(default_factory=list)
    """For the world: the Spaces that were named."""
    heard: list[InstanceReport] = field(default_factory=list)
    access: EdgeAccess = field(default_factory=lambda: EdgeAccess(doors={}, keys={}, allowed=frozenset()))
    ticket: TicketAnswer = field(default_factory=lambda: TicketAnswer(outcome="spent"))

    async def tell(self, request: Request) -> Response:
        only = request.query_params.getlist("space")
        self.asked.append(only)
        told = {
            name: tuple(each for each in getattr(self.world, name) if not only or each.space_id in only)
            for name in ("deployments", "routes")
        }
        return Response(self.world.model_copy(update=told).model_dump_json(), media_type="application/json")

    async def tell_access(self, request: Request) -> Response:
        return Response(self.access.model_dump_json(), media_type="application/json")

    async def take_ticket(self, request: Request) -> Response:
        return Response(self.ticket.model_dump_json(), media_type="application/json")

    async def hear(self, request: Request) -> Response:
        self.heard.append(InstanceReport.model_validate_json(await request.body()))
        return Response(status_code=204)

    def statuses(self, deployment_id: str) -> list[str]:
        return [report.status for report in self.heard if report.deployment_id == deployment_id]

    def last(self, deployment_id: str) -> InstanceReport:
        return [report for report in self.heard if report.deployment_id == deployment_id][-1]

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[None]:
        place = httpx2.URL(url)
        routes = [
            Route("/internal/world", self.tell),
            Route("/internal/instances", self.hear, methods=["POST"]),
            Route("/internal/access", self.tell_access),
            Route("/internal/tickets/redeem", self.take_ticket, methods=["POST"]),
        ]
        server = uvicorn.Server(
            uvicorn.Config(Starlette(routes=routes), place.host, place.port, log_level="error", lifespan="off")
        )
        task = asyncio.create_task(server._serve())
        await eventually(lambda: server.started)
        try:
            yield
        finally:
            server.should_exit = True
            await task


async def nobody_has_a_ticket(ticket: TicketPresented) -> TicketAnswer:
    return TicketAnswer(outcome="spent")


def deployment(
    number: int, *, space: str = "ada/demo", desired: DesiredState = DesiredState.RUNNING, **env
) -> DeploymentSpec:
    """Ids rise with the number, as with time."""
    name = space.replace("/", "-")
    startup = float(env.pop("startup_seconds", 20))
    life = {name: env.pop(name) for name in ("sleep", "on_demand") if name in env}
    artifact = Artifact(
        kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.DOCKER, command=(sys.executable, "-S", str(APP)), port=7860
    )
    return DeploymentSpec(
        id=f"{name}-{number:03}",
        space_id=name,
        space=space,
        host=f"{name}.apps.test",
        version=number,
        commit="c" * 40,
        build_id=f"build-{name}-{number}-{random.getrandbits(64):x}",
        artifact=artifact,
        env={"NAME": f"{name} v{number}", **{key: str(value) for key, value in env.items()}},
        desired=desired,
        startup_seconds=startup,
        **life,
    )


def world_of(*specs: DeploymentSpec, **route) -> DesiredWorld:
    hosts = {spec.host: spec for spec in specs}
    routes = tuple(
        SpaceRoute(
            host=host,
            space_id=spec.space_id,
            space=spec.space,
            hub_url="http://hub.test/s",
            deployment_id=spec.id,
            **route,
        )
        for host, spec in hosts.items()
    )
    return DesiredWorld(deployments=specs, routes=routes)
