"""Going back and promoting from the versions page: what it would change is shown first, then it is done."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Path
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from minispaces_platform.actors import CurrentActor
from minispaces_platform.builds.queries import get_version
from minispaces_platform.builds.views import BuildView, build_view
from minispaces_platform.forms import Text
from minispaces_platform.guard import Managed, Writable
from minispaces_platform.models.deployments import Configuration, Deployment
from minispaces_platform.models.spaces import Space
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.releases import service
from minispaces_platform.releases.configurations import keep_values
from minispaces_platform.releases.queries import known_of
from minispaces_platform.releases.views import SettingsChange, VersionRelease, settings_change, version_release
from minispaces_platform.spaces.queries import look_at
from minispaces_platform.spaces.service import get_space_by_id
from minispaces_platform.spaces.views import SpaceView, rights_of, view_of

router = APIRouter(include_in_schema=False)

Version = Annotated[int, Path(ge=1, le=2**31 - 1)]
DONE: Final = {
    "switch": "It starts beside what serves, which stays until the other one answers.",
    "rebuild": "Its files were gone: its commit is being built anew, and goes live then.",
    "hold": "New versions are held from now on: each waits at its own address until somebody promotes it.",
    "unhold": "New versions go live by themselves again. What was held stays so.",
}


@dataclass(frozen=True, slots=True)
class SwitchView:
    space: SpaceView
    build: BuildView
    release: VersionRelease
    serving: int | None
    change: SettingsChange
    problem: str = ""


@router.get("/spaces/{owner}/{name}/versions/{version}/release")
def ask(space: Writable, version: Version, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.reading() as session:
        now = look_at(session, [space])[0]
        build = get_version(session, space, version=version)
        known = known_of(session, space.id, versions=[version])
        change = _change_of(session, space, build.id)
    view = SwitchView(
        space=view_of(now, parts.settings, tab="versions", rights=rights_of(actor, space)),
        build=build_view(build, now),
        release=version_release(build, now, known, parts.settings),
        serving=now.newest.version if now.newest else None,
        change=change,
    )
    return render("builds/release.html", view, user=actor.user)


def _change_of(session: Session, space: Space, build_id: str) -> SettingsChange:
    live = select(Deployment).where(Deployment.build_id == build_id, Deployment.live_at.is_not(None))
    last = session.scalar(live.order_by(Deployment.id.desc()).limit(1))
    kept = session.get(Configuration, last.configuration_id) if last and last.configuration_id else None
    today = keep_values(session, space.id)
    return settings_change(today, kept.kept if kept else today, space.hardware, last.hardware if last else None)


@router.post("/spaces/{owner}/{name}/versions/{version}/release")
def release(space: Writable, version: Version, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.writing() as session:
        released = service.switch(session, parts, actor, get_space_by_id(session, space), version=version)
    return _back(space, "rebuild" if released.rebuilt_as else "switch")


@router.post("/spaces/{owner}/{name}/versions/hold")
def hold(space: Managed, parts: PartsDep, actor: CurrentActor, holds: Text = "") -> Response:
    _hold(parts, actor, space, holds=holds == "yes")
    return _back(space, "hold" if holds == "yes" else "unhold")


def _hold(parts: Parts, actor: CurrentActor, space: Space, *, holds: bool) -> None:
    with parts.database.writing() as session:
        service.set_hold(session, actor, get_space_by_id(session, space), holds=holds)


def _back(space: Space, done: str) -> Response:
    return RedirectResponse(f"/spaces/{space.full_name}/versions?done={done}", 303)
