"""Making an organisation, and its settings: members, names, its end."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Action, Actor
from minispaces_platform.accounts.service import get_user
from minispaces_platform.actors import CurrentActor
from minispaces_platform.errors import ForbiddenError
from minispaces_platform.forms import NO_PROBLEM, FormProblem, Text, confirm, submit
from minispaces_platform.guard import OnAccount, OnNamespace
from minispaces_platform.models.accounts import User
from minispaces_platform.models.namespaces import Namespace, NamespaceKind, Organization
from minispaces_platform.models.roles import Role
from minispaces_platform.models.spaces import Space
from minispaces_platform.namespaces import service as namespaces
from minispaces_platform.namespaces.queries import list_members
from minispaces_platform.organizations import members, service
from minispaces_platform.organizations.views import ROLES, NewView, SettingsView
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep

router = APIRouter(include_in_schema=False)

Myself = Annotated[User, Depends(OnAccount())]
Managed = Annotated[Namespace, Depends(OnNamespace(Action.MANAGE_NAMESPACE))]
RoleField = Annotated[Role, Form()]
DONE = {
    "members": "Saved. It holds from now on; no app restarts.",
    "name": "The organisation has a new name. The old addresses lead on; no app restarts.",
    "full-name": "Saved.",
}


@router.get("/organizations/new", dependencies=[Depends(OnAccount())])
def show_form(parts: PartsDep, actor: CurrentActor) -> Response:
    return _new_page(parts, actor)


@router.post("/organizations")
def create(me: Myself, parts: PartsDep, actor: CurrentActor, name: Text = "", full_name: Text = "") -> Response:
    def change(session: Session) -> str:
        service.refuse_creation(actor, parts.settings)
        made = service.create_organization(session, actor, name.strip(), admin=me, full_name=full_name)
        return f"/organizations/{made.name}/settings"

    def again(problem: FormProblem, status: int) -> Response:
        return _new_page(parts, actor, NewView(name, full_name, "", problem), status=status)

    return submit(parts, change, form="new", again=again)


@router.get("/organizations/{owner}/settings")
def show_settings(namespace: Managed, parts: PartsDep, actor: CurrentActor, done: str = "") -> Response:
    if namespace.kind is NamespaceKind.USER:
        return RedirectResponse("/settings/profile", 303)
    return _settings_page(parts, actor, namespace, done=DONE.get(done, ""))


@router.post("/organizations/{owner}/members")
def add_member(namespace: Managed, parts: PartsDep, actor: CurrentActor, role: RoleField, name: Text = "") -> Response:
    def change(session: Session, organization: Organization) -> str:
        members.add_member(session, actor, organization, user=get_user(session, name.strip()), role=role)
        return "members"

    return _submit(parts, actor, namespace, form="add", change=change)


@router.post("/organizations/{owner}/members/{person}/role")
def change_role(namespace: Managed, person: str, parts: PartsDep, actor: CurrentActor, role: RoleField) -> Response:
    def change(session: Session, organization: Organization) -> str:
        members.change_role(session, actor, organization, user=get_user(session, person), role=role)
        return "members"

    return _submit(parts, actor, namespace, form="members", change=change)


@router.post("/organizations/{owner}/members/{person}/remove")
def remove_member(namespace: Managed, person: str, parts: PartsDep, actor: CurrentActor) -> Response:
    def change(session: Session, organization: Organization) -> str:
        members.remove_member(session, actor, organization, user=get_user(session, person))
        return "members"

    return _submit(parts, actor, namespace, form="members", change=change)


@router.post("/organizations/{owner}/name")
def rename(namespace: Managed, parts: PartsDep, actor: CurrentActor, name: Text = "") -> Response:
    def change(session: Session, organization: Organization) -> str:
        namespaces.rename(session, actor, organization, name=name.strip())
        return "name"

    return _submit(parts, actor, namespace, form="name", change=change)


@router.post("/organizations/{owner}/full-name")
def change_full_name(namespace: Managed, parts: PartsDep, actor: CurrentActor, full_name: Text = "") -> Response:
    def change(session: Session, organization: Organization) -> str:
        namespaces.set_full_name(session, actor, organization, full_name=full_name)
        return "full-name"

    return _submit(parts, actor, namespace, form="full-name", change=change)


@router.post("/organizations/{owner}/delete")
def delete(namespace: Managed, parts: PartsDep, actor: CurrentActor, typed: Text = "") -> Response:
    def change(session: Session) -> str:
        organization = service.get_organization(session, namespace.name)
        confirm(typed, organization.name)
        service.delete_organization(session, actor, organization)
        return "/"

    again = _again(parts, actor, namespace)
    return submit(parts, change, form="delete", again=again)


@router.post("/organizations/{owner}/leave")
def leave(owner: str, me: Myself, parts: PartsDep, actor: CurrentActor) -> Response:
    """Whoever is in no such organisation is told so, whether it is there or not."""

    def change(session: Session) -> str:
        members.remove_member(session, actor, service.get_organization(session, owner), user=me)
        return "/settings/profile"

    def again(problem: FormProblem, _status: int) -> Response:
        raise ForbiddenError(problem.text)

    return submit(parts, change, form="leave", again=again)


def _submit(
    parts: Parts, actor: Actor, namespace: Namespace, *, form: str, change: Callable[[Session, Organization], str]
) -> Response:
    """`change` gives the word for what was done."""

    def changed(session: Session) -> str:
        organization = service.get_organization(session, namespace.name)
        done = change(session, organization)
        return f"/organizations/{organization.name}/settings?done={done}"

    return submit(parts, changed, form=form, again=_again(parts, actor, namespace))


def _again(parts: Parts, actor: Actor, namespace: Namespace) -> Callable[[FormProblem, int], Response]:
    return lambda problem, status: _settings_page(parts, actor, namespace, problem=problem, status=status)


def _settings_page(
    parts: Parts, actor: Actor, namespace: Namespace,
    *, problem: FormProblem = NO_PROBLEM, status: int = 200, done: str = "",
) -> Response:  # fmt: skip
    with parts.database.reading() as session:
        everybody = tuple(list_members(session, namespace.id))
        spaces = session.scalar(select(func.count(Space.id)).where(Space.owner_id == namespace.id)) or 0
    view = SettingsView(namespace.name, namespace.full_name, everybody, ROLES, spaces, problem, done)
    return render("organizations/settings.html", view, user=actor.user, status=status)


def _new_page(parts: Parts, actor: Actor, view: NewView | None = None, *, status: int = 200) -> Response:
    refusal = ""
    try:
        service.refuse_creation(actor, parts.settings)
    except ForbiddenError as error:
        refusal = f"{error.message} {error.hint}"
    return render(
        "organizations/new.html", view or NewView("", "", refusal, NO_PROBLEM), user=actor.user, status=status
    )
