"""The dashboard: the machine, what runs on it and what it uses, and whether every part is well."""

from typing import Annotated, Literal

import anyio.to_thread
from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Actor
from minispaces_platform.admin.dashboard_views import HealthView, OverviewView, RunningView, machine_view, usage_rows
from minispaces_platform.admin.health import examine
from minispaces_platform.admin.overview import count_everything, list_active_builds
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import changing
from minispaces_platform.deployments import service as deployments
from minispaces_platform.errors import NotFoundError
from minispaces_platform.guard import Admin
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.sleeping.service import sleep_now
from minispaces_platform.spaces.service import find_space_by_id
from minispaces_platform.usage.queries import Order, find_machine, list_usage
from minispaces_platform.wording import tidy

router = APIRouter(prefix="/admin", include_in_schema=False)

Verb = Literal["stop", "restart"]
PAGE_SIZE = 50
_TOP = 6
DONE = {
    "sleep": "It goes to sleep. The next visitor wakes it.",
    "stop": "It is told to stop. Whoever may push to it can start it again.",
    "restart": "A fresh instance is starting; the old one serves until it answers.",
}


@router.get("")
def show_overview(admin: Admin, parts: PartsDep) -> Response:
    with parts.database.reading() as session:
        view = OverviewView(
            counts=count_everything(session),
            machine=machine_view(find_machine(session)),
            rows=usage_rows(list_usage(session, order="memory", limit=_TOP)[:_TOP]),
            builds=list_active_builds(session),
        )
    return render("admin/overview.html", view, user=admin.user)


@router.get("/running")
def show_running(
    admin: Admin, parts: PartsDep, *, sort: Order = "memory", q: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1, done: str = "",
) -> Response:  # fmt: skip
    with parts.database.reading() as session:
        found = list_usage(session, order=sort, limit=PAGE_SIZE, search=tidy(q), page=page)
        machine = machine_view(find_machine(session))
    view = RunningView(
        rows=usage_rows(found[:PAGE_SIZE]), order=sort, search=q, page=page, has_more=len(found) > PAGE_SIZE,
        machine=machine, done=DONE.get(done, ""),
    )  # fmt: skip
    return render("admin/running.html", view, user=admin.user)


@router.post("/running/{space_id}/stop")
def stop(admin: Admin, space_id: str, parts: PartsDep) -> Response:
    return _do(parts, admin, space_id, "stop")


@router.post("/running/{space_id}/restart")
def restart(admin: Admin, space_id: str, parts: PartsDep) -> Response:
    return _do(parts, admin, space_id, "restart")


@router.post("/running/{space_id}/sleep")
def put_to_sleep(admin: Admin, space_id: str, parts: PartsDep) -> Response:
    with changing(parts.database, parts.redis_sync) as session:
        if (space := find_space_by_id(session, space_id)) is None:
            raise NotFoundError("There is no such Space.")
        sleep_now(session, admin, space)
    return RedirectResponse("/admin/running?done=sleep", 303)


@router.get("/health")
async def show_health(admin: Admin, parts: PartsDep) -> Response:
    """Asks every part, which may take a second."""

    def look() -> HealthView:
        findings = tuple(examine(parts))
        with parts.database.reading() as session:
            return HealthView(findings, list_active_builds(session))

    view = await anyio.to_thread.run_sync(look)
    return render("admin/health.html", view, user=admin.user, status=200 if view.is_well else 503)


def _do(parts: Parts, admin: Actor, space_id: str, verb: Verb) -> Response:
    with parts.database.writing() as session:
        if (space := find_space_by_id(session, space_id)) is None:
            raise NotFoundError("There is no such Space.")
        change = deployments.stop if verb == "stop" else deployments.restart
        if change(session, parts, space):
            audit.record(session, admin, f"space.{verb}", space)
    return RedirectResponse(f"/admin/running?done={verb}", 303)
