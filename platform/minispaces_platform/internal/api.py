"""The internal door for builder and runner. Token-checked, and not routed by the public proxy."""

import hmac
import subprocess
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse

from minispaces_contract import hints
from minispaces_contract.messages import (
    BuildReport,
    BuildSpec,
    DesiredWorld,
    EdgeAccess,
    InstanceReport,
    KeptArtifacts,
    TicketAnswer,
    TicketPresented,
)
from minispaces_contract.usage import FlaggedReport, UsageReport
from minispaces_contract.visits import VisitsReport
from minispaces_platform.builds import service as builds
from minispaces_platform.builds import turns
from minispaces_platform.builds.kept import keep_artifacts
from minispaces_platform.deployments import service as deployments
from minispaces_platform.deployments.world import desired_world
from minispaces_platform.edge import tickets
from minispaces_platform.edge.access import edge_access
from minispaces_platform.errors import ConflictError, SignInNeededError
from minispaces_platform.feedback.flagged import keep_flagged
from minispaces_platform.guard import Policy
from minispaces_platform.hardware.gpu_time import add_gpu_time, record_gpu_time
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.repos.archive import open_archive, stop_archive
from minispaces_platform.storage.world import add_storage
from minispaces_platform.thumbnails import api as thumbnails
from minispaces_platform.usage.service import record_usage
from minispaces_platform.visits.service import record_visits


class Internal(Policy):
    """For the builder and the runner. An installation without a token has no internal door at all."""

    def __call__(self, parts: PartsDep, authorization: Annotated[str, Header()] = "") -> None:
        check_token(parts, authorization)


def check_token(parts: Parts, authorization: str) -> None:
    expected = parts.settings.internal_token.get_secret_value()
    if not expected or not hmac.compare_digest(authorization.encode(), f"Bearer {expected}".encode()):
        raise SignInNeededError("The internal door needs its token.", hint="Set MINISPACES_INTERNAL_TOKEN alike.")


router = APIRouter(prefix="/internal", dependencies=[Depends(Internal())], include_in_schema=False)
router.include_router(thumbnails.router)


@router.post("/builds/{build_id}/claim")
def claim_build(build_id: str, parts: PartsDep) -> BuildSpec:
    """Gives the build whose turn it is, which need not be the one that the builder was told of."""
    with parts.database.writing() as session:
        chosen = turns.next_build(session, build_id)
        if chosen and (spec := builds.claim(session, chosen)):
            return spec
    raise ConflictError("This build is not to be had.")


@router.post("/builds/{build_id}/heartbeat", status_code=204)
def keep_lease(build_id: str, attempt: int, parts: PartsDep) -> None:
    with parts.database.writing() as session:
        builds.heartbeat(session, build_id, attempt=attempt)


@router.get("/builds/{build_id}/source")
def read_source(build_id: str, attempt: int, parts: PartsDep) -> Response:
    """The commit's files as a tar stream."""
    with parts.database.writing() as session:
        builds.heartbeat(session, build_id, attempt=attempt)
        build = builds.load(session, build_id)
    archive = open_archive(parts.store, build.space_id, build.revision.commit)
    return StreamingResponse(_chunks(archive), media_type="application/x-tar")


def _chunks(archive: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert archive.stdout is not None  # noqa: S101 - it was asked for
    try:
        while chunk := archive.stdout.read(1 << 16):
            yield chunk
    finally:
        stop_archive(archive)


@router.post("/builds/{build_id}/report", status_code=204)
def finish_build(build_id: str, report: BuildReport, parts: PartsDep) -> None:
    with parts.database.writing() as session:
        builds.finish(session, parts, report.model_copy(update={"build_id": build_id}))


@router.get("/artifacts")
def list_kept_artifacts(parts: PartsDep) -> KeptArtifacts:
    with parts.database.writing() as session:
        return keep_artifacts(session, versions=parts.settings.kept_versions)


@router.get("/world")
def read_world(parts: PartsDep, space: Annotated[list[str], Query()] = []) -> DesiredWorld:  # noqa: B006 - FastAPI's way
    with parts.database.reading() as session:
        world = add_storage(session, desired_world(session, parts.settings, only=space), parts.settings)
        return add_gpu_time(session, world)


@router.get("/access")
def read_access(parts: PartsDep) -> EdgeAccess:
    with parts.database.reading() as session:
        return edge_access(session, parts.settings)


@router.post("/tickets/redeem")
def redeem_ticket(presented: TicketPresented, parts: PartsDep) -> TicketAnswer:
    with parts.database.writing() as session:
        return tickets.redeem(session, presented, parts.settings)


@router.post("/visits", status_code=204)
def report_visits(report: VisitsReport, parts: PartsDep) -> None:
    with parts.database.writing() as session:
        record_visits(session, report, parts.settings)


@router.post("/instances", status_code=204)
def report_instance(report: InstanceReport, parts: PartsDep) -> None:
    with parts.database.writing() as session:
        deployments.record_instance(session, parts, report)


@router.post("/usage", status_code=204)
def report_usage(report: UsageReport, parts: PartsDep) -> None:
    with parts.database.writing() as session:
        record_usage(session, report)
        moved = record_gpu_time(session, report)
    for space_id in moved:
        hints.give(parts.redis_sync, hints.space(space_id))


@router.post("/flagged", status_code=204)
def report_flagged(report: FlaggedReport, parts: PartsDep) -> None:
    with parts.database.writing() as session:
        keep_flagged(session, report)
