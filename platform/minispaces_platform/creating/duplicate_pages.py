"""Duplicating a Space: what is taken along, and what has to be given anew."""

from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Actor
from minispaces_platform.actors import CurrentActor, user_of
from minispaces_platform.configuration.naming import VALUE_MAX
from minispaces_platform.configuration.queries import list_variables
from minispaces_platform.creating.duplicates import duplicate
from minispaces_platform.creating.service import NewSpace, owners_for
from minispaces_platform.creating.views import DuplicateView, Filled, read_visibility
from minispaces_platform.errors import MinispacesError
from minispaces_platform.forms import NO_PROBLEM, FormProblem, words_of
from minispaces_platform.guard import Readable
from minispaces_platform.hardware.queries import read_offer
from minispaces_platform.hardware.views import words_of_flavours
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.overview import head_of
from minispaces_platform.spaces.visibility import visibilities

router = APIRouter(include_in_schema=False)


class Wanted(BaseModel):
    """`secret_key` and `secret_value` are two columns of one list."""

    to: str = Field("", max_length=100)
    new_name: str = Field("", max_length=100)
    visibility: str = Field("", max_length=20)
    hardware: str = Field("", max_length=60)
    secret_key: list[str] = Field(default_factory=list, max_length=200)
    secret_value: list[Annotated[str, Field(max_length=VALUE_MAX * 2)]] = Field(default_factory=list, max_length=200)

    @property
    def secrets(self) -> dict[str, str]:
        return {key: value for key, value in zip(self.secret_key, self.secret_value, strict=False) if value}


@router.get("/spaces/{owner}/{name}/duplicate")
def show_form(space: Readable, parts: PartsDep, actor: CurrentActor) -> Response:
    """Private unless somebody says otherwise."""
    me = user_of(actor, hint="Sign in to duplicate this Space.")
    name = f"{space.name[:58]}-copy" if space.owner_id == me.id else space.name
    return _page(parts, actor, space, Filled(me.name, name, Visibility.PRIVATE.value, hardware=space.hardware.name))


@router.post("/spaces/{owner}/{name}/duplicate")
def make(space: Readable, parts: PartsDep, actor: CurrentActor, wanted: Annotated[Wanted, Form()]) -> Response:
    user_of(actor, hint="Sign in to duplicate this Space.")
    filled = Filled(wanted.to, wanted.new_name.strip(), wanted.visibility, wanted.hardware)
    try:
        new = NewSpace(filled.owner, filled.name, read_visibility(filled.visibility), filled.hardware)
        made = duplicate(parts, actor, space, new, secrets=wanted.secrets)
    except MinispacesError as error:
        return _page(parts, actor, space, filled, FormProblem("duplicate", words_of(error)), status=error.status)
    return RedirectResponse(f"/spaces/{made.full_name}", 303)


def _page(
    parts: Parts, actor: Actor, space: Space, filled: Filled, problem: FormProblem = NO_PROBLEM, *, status: int = 200
) -> Response:
    with parts.database.reading() as session:
        head = head_of(session, parts, actor, space, tab="duplicate")
        known = list_variables(session, space.id)
        owners = owners_for(session, actor)
        offered = words_of_flavours(read_offer(session, *owners).choices(*owners))
    view = DuplicateView(
        source=head,
        owners=tuple(each.name for each in owners),
        filled=filled, secrets=tuple(each.name for each in known if each.is_secret),
        visibilities=visibilities(parts.settings), flavours=offered, problem=problem,
    )  # fmt: skip
    return render("creating/duplicate.html", view, user=actor.user, status=status)
