"""The front page: every Space that one may see, searched, filtered and ordered."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_platform.access import Actor
from minispaces_platform.actors import CurrentActor
from minispaces_platform.errors import SignInNeededError
from minispaces_platform.gallery import views
from minispaces_platform.gallery.asking import Wanted
from minispaces_platform.gallery.collection_queries import list_featured
from minispaces_platform.gallery.queries import find_spaces, tags_on_offer
from minispaces_platform.guard import Everybody
from minispaces_platform.hardware.queries import list_flavours
from minispaces_platform.kept import rights
from minispaces_platform.pages import answer, fragment, render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.views import face_of, push_url

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[Depends(Everybody("shows what the visitor may read"))])
def show_gallery(parts: PartsDep, actor: CurrentActor, wanted: Annotated[Wanted, Query()], part: str = "") -> Response:
    """`part=results` is what changes while somebody types or goes on."""
    if not actor.welcome:
        raise SignInNeededError("This installation is open to its members only.", hint="Sign in to see its Spaces.")
    key = (wanted, rights(actor))
    if part == "results":
        return answer(parts.kept.read(("results", *key), lambda: _results(parts, actor, wanted)))
    view = parts.kept.read(("gallery", *key), lambda: _view(parts, actor, wanted))
    return render("gallery/gallery.html", view, user=actor.user)


def _results(parts: Parts, actor: Actor, wanted: Wanted) -> Markup:
    with parts.database.reading() as session:
        return _shown(_found(session, parts, actor, wanted))


def _found(session: Session, parts: Parts, actor: Actor, wanted: Wanted) -> views.ResultsView:
    found = find_spaces(session, actor, wanted)
    return views.results_of(wanted, tuple(face_of(it, parts.settings) for it in found.spaces), found.after)


def _shown(results: views.ResultsView) -> Markup:
    """Made here, to be kept: drawing the cards takes longer than all else."""
    return fragment("gallery/_results.html", results)


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the filters offer, whatever is looked for."""

    tags: list[str]
    hardware: list[str]


def _offer(parts: Parts, actor: Actor) -> _Offer:
    with parts.database.reading() as session:
        return _Offer(tags_on_offer(session, actor), [each.name for each in list_flavours(session)])


def _view(parts: Parts, actor: Actor, wanted: Wanted) -> views.GalleryView:
    name = actor.user.name if actor.user else "YOU"
    offer = parts.kept.read(("offer", rights(actor)), lambda: _offer(parts, actor))
    with parts.database.reading() as session:
        results = _found(session, parts, actor, wanted)
        shelves = [] if wanted.narrows else list_featured(session, actor)
    return views.GalleryView(
        wanted=wanted,
        results=_shown(results),
        sorts=views.sorts_of(wanted),
        sdks=views.sdks_of(wanted),
        tags=views.tags_of(wanted, offer.tags),
        states=views.states_of(wanted),
        hardware=views.hardware_of(wanted, offer.hardware),
        featured=tuple(views.featured_of(it, parts.settings) for it in shelves),
        is_empty=not results.cards and not wanted.narrows,
        push_url=push_url(parts.settings, f"{name}/hello", user=name),
        hub=parts.settings.domain,
    )
