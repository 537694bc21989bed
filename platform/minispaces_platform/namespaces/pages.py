"""The page of a person or an organisation. Its address has one segment, so the application takes it up last."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.actors import CurrentActor
from minispaces_platform.gallery.asking import Wanted
from minispaces_platform.gallery.collection_queries import list_of_owner
from minispaces_platform.gallery.likes import liked_by
from minispaces_platform.gallery.queries import find_spaces
from minispaces_platform.gallery.views import featured_of
from minispaces_platform.guard import OnNamespace
from minispaces_platform.models.namespaces import Namespace, NamespaceKind
from minispaces_platform.namespaces.queries import list_members, list_organizations
from minispaces_platform.namespaces.views import NamespaceView, belongings, is_self, settings_path
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.views import face_of, push_url

router = APIRouter(include_in_schema=False)

LIKED_SHOWN = 12

Known = Annotated[Namespace, Depends(OnNamespace())]


@router.get("/{owner}")
def show_namespace(namespace: Known, parts: PartsDep, actor: CurrentActor, after: str = "") -> Response:
    with parts.database.reading() as session:
        view = _view(session, parts, actor, namespace, after=after)
    return render("namespaces/namespace.html", view, user=actor.user)


def _view(session: Session, parts: Parts, actor: Actor, namespace: Namespace, *, after: str) -> NamespaceView:
    organized, curates = namespace.kind is NamespaceKind.ORGANIZATION, may(actor, Action.CURATE, namespace)
    found = find_spaces(session, actor, Wanted(owner=namespace.name, after=after[:200]))
    shelves = list_of_owner(session, actor, namespace.id, empty=curates)
    liked = [] if organized else liked_by(session, actor, namespace.id, most=LIKED_SHOWN)
    members = list_members(session, namespace.id) if organized and may(actor, Action.SEE_MEMBERS, namespace) else []
    return NamespaceView(
        name=namespace.name,
        full_name=namespace.full_name,
        is_organization=organized,
        is_self=is_self(actor, namespace),
        since=namespace.created_at,
        cards=tuple(face_of(it, parts.settings) for it in found.spaces),
        is_first=not after,
        more=f"/{namespace.name}?after={found.after}" if found.after else "",
        collections=tuple(featured_of(it, parts.settings) for it in shelves),
        liked=tuple(face_of(it, parts.settings) for it in liked),
        new_collection=f"/collections/{namespace.name}" if curates else "",
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
