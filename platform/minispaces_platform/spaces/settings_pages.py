"""A Space's settings: who may see it, what it runs on and with, who helps, what it is called and whose it is."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_contract.states import Sdk
from minispaces_platform import clock
from minispaces_platform.access import Action, Actor, may
from minispaces_platform.accounts.service import get_user
from minispaces_platform.actors import CurrentActor
from minispaces_platform.configuration.queries import list_variables
from minispaces_platform.deployments.world import host_of
from minispaces_platform.forms import NO_PROBLEM, FormProblem, Text, confirm, submit
from minispaces_platform.guard import Managed
from minispaces_platform.hardware.queries import read_offer
from minispaces_platform.hardware.service import change_hardware, get_flavour
from minispaces_platform.hardware.views import current_words, words_for_space
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.roles import Role, Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.namespaces.queries import list_organizations
from minispaces_platform.namespaces.service import get_namespace
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.sleeping import views as sleeping
from minispaces_platform.sleeping.queries import find_setting
from minispaces_platform.spaces.collaborators import remove_collaborator, set_collaborator
from minispaces_platform.spaces.deleting import delete_space
from minispaces_platform.spaces.moving import rename_space, transfer_space
from minispaces_platform.spaces.queries import list_collaborators, look_at
from minispaces_platform.spaces.service import get_space_by_id
from minispaces_platform.spaces.settings_views import (
    ROLES,
    SettingsView,
    Takedown,
    is_admin,
    runs_of,
    targets_of,
)
from minispaces_platform.spaces.views import rights_of, view_of
from minispaces_platform.spaces.visibility import set_visibility, visibilities
from minispaces_platform.storage.queries import find_storage
from minispaces_platform.storage.views import section_of

router = APIRouter(include_in_schema=False)

PATH = "/spaces/{owner}/{name}/settings"
DONE = {
    "visibility": "Saved. It holds at once; the app went on running.",
    "hardware": "Saved. The app moves to the new hardware as soon as it answers there.",
    "variables": "Saved. If the app runs, it gets it now.",
    "secrets": "Saved. If the app runs, it restarts with it now. Nobody can read it here again.",
    "restart": "Restarting. The app goes on answering until the new start does.",
    "storage": "Saved. New storage is there when the app has restarted; more room at once, or at the next start.",
    "storage-detach": "Given up. The files are deleted.",
    "stop": "Stopped. Visitors are told so until somebody starts it, or pushes.",
    "start": "Starting.",
    "asleep": "It goes to sleep. The next visitor wakes it.",
    "awake": "It wakes up.",
    "sleep": "Saved. It holds at once; the app went on running.",
    "warm": "Saved. It holds at once; the app went on running.",
    "collaborators": "Saved. It holds at once; the app went on running.",
    "rename": "Renamed. The old addresses lead on, and the app went on running on its host.",
    "transfer": "Transferred. The old addresses lead on, and the app went on running on its host.",
    "down": "Taken down. The app stops now.",
    "back": "Put back. The app starts again.",
}


@router.get(PATH)
def show_settings(space: Managed, parts: PartsDep, actor: CurrentActor, done: str = "") -> Response:
    return _page(parts, actor, space, done=DONE.get(done, ""))


@router.post(f"{PATH}/visibility")
def change_visibility(
    space: Managed, parts: PartsDep, actor: CurrentActor, visibility: Annotated[Visibility, Form()]
) -> Response:
    def change(session: Session, fresh: Space) -> None:
        set_visibility(session, actor, fresh, visibility=visibility)

    return submit_settings(parts, actor, space, form="visibility", change=change)


@router.post(f"{PATH}/hardware")
def choose_hardware(space: Managed, parts: PartsDep, actor: CurrentActor, flavour: Text = "") -> Response:
    def change(session: Session, fresh: Space) -> None:
        if flavour != fresh.hardware.name:
            wanted = get_flavour(session, flavour, owner=fresh.owner)
            change_hardware(session, parts, actor, fresh, hardware=wanted)

    return submit_settings(parts, actor, space, form="hardware", change=change)


@router.post(f"{PATH}/collaborators")
def change_collaborator(
    space: Managed, parts: PartsDep, actor: CurrentActor, role: Annotated[Role, Form()], person: Text = ""
) -> Response:
    """Adds somebody, or changes their role."""

    def change(session: Session, fresh: Space) -> None:
        set_collaborator(session, actor, fresh, user=get_user(session, person.strip()), role=role)

    return submit_settings(parts, actor, space, form="collaborators", change=change)


@router.post(f"{PATH}/collaborators/remove")
def drop_collaborator(space: Managed, parts: PartsDep, actor: CurrentActor, person: Text = "") -> Response:
    def change(session: Session, fresh: Space) -> None:
        remove_collaborator(session, actor, fresh, user=get_user(session, person))

    return submit_settings(parts, actor, space, form="collaborators", change=change)


@router.post(f"{PATH}/rename")
def rename(space: Managed, parts: PartsDep, actor: CurrentActor, new_name: Text = "") -> Response:
    def change(session: Session, fresh: Space) -> None:
        rename_space(session, actor, fresh, name=new_name.strip())

    return submit_settings(parts, actor, space, form="rename", change=change)


@router.post(f"{PATH}/transfer")
def transfer(space: Managed, parts: PartsDep, actor: CurrentActor, to: Text = "", typed: Text = "") -> Response:
    def change(session: Session, fresh: Space) -> None:
        confirm(typed, fresh.full_name)
        transfer_space(session, actor, fresh, to=get_namespace(session, to.strip()))

    return submit_settings(parts, actor, space, form="transfer", change=change)


@router.post(f"{PATH}/delete")
def delete(space: Managed, parts: PartsDep, actor: CurrentActor, typed: Text = "") -> Response:
    def change(session: Session) -> str:
        fresh = get_space_by_id(session, space)
        confirm(typed, fresh.full_name)
        delete_space(session, parts, actor, fresh)
        return f"/{fresh.owner.name}"

    def again(problem: FormProblem, status: int) -> Response:
        return _page(parts, actor, space, problem=problem, status=status)

    return submit(parts, change, form="delete", again=again)


def submit_settings(
    parts: Parts, actor: Actor, space: Space, *, form: str, change: Callable[[Session, Space], None]
) -> Response:
    def changed(session: Session) -> str:
        fresh = get_space_by_id(session, space)
        change(session, fresh)
        path = f"/spaces/{fresh.full_name}"
        return f"{path}/settings?done={form}" if may(actor, Action.MANAGE, fresh) else path

    def again(problem: FormProblem, status: int) -> Response:
        return _page(parts, actor, space, problem=problem, status=status)

    return submit(parts, changed, form=form, again=again)


def _page(
    parts: Parts, actor: Actor, space: Space, *, problem: FormProblem = NO_PROBLEM, status: int = 200, done: str = ""
) -> Response:
    with parts.database.reading() as session:
        view = _view(session, parts, actor, space, problem=problem, done=done)
    return render("spaces/settings.html", view, user=actor.user, status=status)


def _view(
    session: Session, parts: Parts, actor: Actor, space: Space, *, problem: FormProblem, done: str
) -> SettingsView:
    now = look_at(session, [space])[0]
    known: list[Namespace] = [each for each, _ in list_organizations(session, actor.user.id)] if actor.user else []
    mine = [actor.user, *known] if actor.user else known
    takedown = Takedown(space.id, space.taken_down_at is not None, space.taken_down_reason)
    return SettingsView(
        space=view_of(now, parts.settings, tab="settings", rights=rights_of(actor, space)),
        full_name=space.full_name,
        visibility=space.visibility.value,
        hardware=space.hardware.name,
        flavours=words_for_space(space.hardware, read_offer(session, space.owner).choices(space.owner)),
        current=current_words(space.hardware, now.serving.hardware if now.serving else None),
        variables=list_variables(session, space.id),
        is_static=space.card.sdk is Sdk.STATIC,
        is_docker=space.card.sdk is Sdk.DOCKER,
        runs=runs_of(now),
        visibilities=visibilities(parts.settings),
        collaborators=list_collaborators(session, space.id),
        roles=ROLES,
        host=host_of(space, parts.settings),
        targets=targets_of(actor, space.owner, mine),
        anywhere=is_admin(actor),
        storage=section_of(find_storage(session, space.id), parts.settings),
        sleep=sleeping.section_of(now, find_setting(session, space.id), parts.settings, at=clock.now()),
        takedown=takedown if is_admin(actor) else None,
        problem=problem,
        done=done,
    )
