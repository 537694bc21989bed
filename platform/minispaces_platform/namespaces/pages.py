"""The page of a person or an organisation. Its address has one segment, so the application takes it up last."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.actors import CurrentActor
from minispaces_platform.guard import OnNamespace
from minispaces_platform.models.namespaces import Namespace, NamespaceKind
from minispaces_platform.namespaces.queries import list_members, list_organizations
from minispaces_platform.namespaces.views import NamespaceView, belongings, is_self, settings_path
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.queries import list_spaces
from minispaces_platform.spaces.views import face_of, push_url

router = APIRouter(include_in_schema=False)

Known = Annotated[Namespace, Depends(OnNamespace())]


@router.get("/{owner}")
def show_namespace(
    namespace: Known, parts: PartsDep, actor: CurrentActor, page: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> Response:
    with parts.database.reading() as session:
        view = _view(session, parts, actor, namespace, page=page)
    return render("namespaces/namespace.html", view, user=actor.user)


def _view(session: Session, parts: Parts, actor: Actor, namespace: Namespace, *, page: int) -> NamespaceView:
    spaces, has_more = list_spaces(session, actor, page=page, owner=namespace.id)
    organized = namespace.kind is NamespaceKind.ORGANIZATION
    members = list_members(session, namespace.id) if organized and may(actor, Action.SEE_MEMBERS, namespace) else []
    return NamespaceView(
        name=namespace.name,
        full_name=namespace.full_name,
        is_organization=organized,
        is_self=is_self(actor, namespace),
        since=namespace.created_at,
        cards=tuple(face_of(now, parts.settings) for now in spaces),
        page=page,
        has_more=has_more,
        members=tuple(members),
        organizations=() if organized else belongings(actor, list_organizations(session, namespace.id)),
        settings=settings_path(actor, namespace),
        push_url=_push_url(parts, actor, namespace),
    )


def _push_url(parts: Parts, actor: Actor, namespace: Namespace) -> str:
    """Empty for those who may make no Space here."""
    if actor.user is None or not may(actor, Action.CREATE_SPACE, namespace):
        return ""
    return push_url(parts.settings, f"{namespace.name}/hello", user=actor.user.name)
