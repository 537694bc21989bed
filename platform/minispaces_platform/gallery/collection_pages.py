"""Collections: their pages, and the forms of those who curate them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_platform.access import PLATFORM, Action, Actor, may
from minispaces_platform.actors import CurrentActor
from minispaces_platform.errors import NotFoundError
from minispaces_platform.forms import NO_PROBLEM, FormProblem, Text, confirm, submit
from minispaces_platform.gallery import collections
from minispaces_platform.gallery.collection_queries import list_items
from minispaces_platform.guard import OnNamespace, OnPlatform
from minispaces_platform.models.collections import Collection
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.namespaces.service import get_namespace
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.views import Face, face_of

router = APIRouter(include_in_schema=False)

Known = Annotated[Namespace, Depends(OnNamespace())]
Curated = Annotated[Namespace, Depends(OnNamespace(Action.CURATE))]
_PATH = "/collections/{owner}/{slug}"


@dataclass(frozen=True, slots=True)
class CollectionView:
    path: str
    title: str
    description: str
    owner: str
    cards: tuple[Face, ...]
    is_featured: bool
    may_curate: bool
    may_feature: bool
    typed: str
    problem: FormProblem


@dataclass(frozen=True, slots=True)
class NewCollectionView:
    owner: str
    title: str
    description: str
    problem: FormProblem


@router.get("/collections/{owner}")
def show_form(owner: Curated, actor: CurrentActor) -> Response:
    return render("gallery/new_collection.html", NewCollectionView(owner.name, "", "", NO_PROBLEM), user=actor.user)


@router.post("/collections/{owner}")
def create(
    owner: Curated, parts: PartsDep, actor: CurrentActor, *, title: Text = "", description: Text = ""
) -> Response:
    def change(session: Session) -> str:
        target = get_namespace(session, owner.name)
        made = collections.create_collection(session, actor, target, title=title, description=description)
        return f"/collections/{owner.name}/{made.slug}"

    def again(problem: FormProblem, status: int) -> Response:
        view = NewCollectionView(owner.name, title, description, problem)
        return render("gallery/new_collection.html", view, user=actor.user, status=status)

    return submit(parts, change, form="new", again=again)


@router.get(_PATH)
def show_collection(owner: Known, slug: str, parts: PartsDep, actor: CurrentActor) -> Response:
    return _page(parts, actor, owner, slug)


@router.post(f"{_PATH}/describe")
def describe(
    owner: Curated, slug: str, parts: PartsDep, actor: CurrentActor, *, title: Text = "", description: Text = ""
) -> Response:
    def change(session: Session, collection: Collection) -> None:
        collections.describe(session, actor, collection, title=title, description=description)

    return _submit(parts, actor, owner, slug, form="describe", change=change)


@router.post(f"{_PATH}/add")
def add_item(owner: Curated, slug: str, parts: PartsDep, actor: CurrentActor, space: Text = "") -> Response:
    def change(session: Session, collection: Collection) -> None:
        collections.add_item(session, actor, collection, full_name=space)

    return _submit(parts, actor, owner, slug, form="add", change=change, typed=space)


@router.post(f"{_PATH}/items")
def change_item(
    owner: Curated, slug: str, parts: PartsDep, actor: CurrentActor, *, space: Text = "", do: Text = ""
) -> Response:
    """`do` is the button that was pressed: up, down or remove."""

    def change(session: Session, collection: Collection) -> None:
        which = collections.get_readable(session, actor, space)
        if do == "remove":
            collections.remove_item(session, actor, collection, space=which)
        else:
            collections.move_item(session, actor, collection, space=which, up=do == "up")

    return _submit(parts, actor, owner, slug, form="items", change=change)


@router.post(f"{_PATH}/feature", dependencies=[Depends(OnPlatform())])
def feature(owner: str, slug: str, parts: PartsDep, actor: CurrentActor, featured: Text = "") -> Response:
    with parts.database.reading() as session:
        namespace = get_namespace(session, owner)

    def change(session: Session, collection: Collection) -> None:
        collections.set_featured(session, actor, collection, featured=featured == "yes")

    return _submit(parts, actor, namespace, slug, form="feature", change=change)


@router.post(f"{_PATH}/delete")
def delete(owner: Curated, slug: str, parts: PartsDep, actor: CurrentActor, typed: Text = "") -> Response:
    def change(session: Session) -> str:
        collection = collections.get_collection(session, owner, slug)
        confirm(typed, collection.title)
        collections.delete_collection(session, actor, collection)
        return f"/{owner.name}"

    return submit(parts, change, form="delete", again=_again(parts, actor, owner, slug))


def _submit(
    parts: Parts, actor: Actor, owner: Namespace, slug: str,
    *, form: str, change: Callable[[Session, Collection], None], typed: str = "",
) -> Response:  # fmt: skip
    def changed(session: Session) -> str:
        change(session, collections.get_collection(session, owner, slug))
        return f"/collections/{owner.name}/{slug}"

    return submit(parts, changed, form=form, again=_again(parts, actor, owner, slug, typed=typed))


def _again(
    parts: Parts, actor: Actor, owner: Namespace, slug: str, *, typed: str = ""
) -> Callable[[FormProblem, int], Response]:
    return lambda problem, status: _page(parts, actor, owner, slug, problem=problem, status=status, typed=typed)


def _page(
    parts: Parts, actor: Actor, owner: Namespace, slug: str,
    *, problem: FormProblem = NO_PROBLEM, status: int = 200, typed: str = "",
) -> Response:  # fmt: skip
    with parts.database.reading() as session:
        collection = collections.get_collection(session, owner, slug)
        spaces = list_items(session, actor, collection)
    curates = may(actor, Action.CURATE, owner)
    if not spaces and not curates:
        raise NotFoundError(f"There is no collection {owner.name}/{slug[:80]}.")
    view = CollectionView(
        path=f"/collections/{owner.name}/{collection.slug}",
        title=collection.title,
        description=collection.description,
        owner=owner.name,
        cards=tuple(face_of(it, parts.settings) for it in spaces),
        is_featured=collection.featured_at is not None,
        may_curate=curates,
        may_feature=may(actor, Action.ADMINISTER, PLATFORM),
        typed=typed,
        problem=problem,
    )
    return render("gallery/collection.html", view, user=actor.user, status=status)
