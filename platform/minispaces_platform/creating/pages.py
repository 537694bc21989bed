"""`/new-space`: a Space from a starter, an upload, another repository, or from nothing."""

from dataclasses import replace
from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, BackgroundTasks, Depends, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Actor
from minispaces_platform.actors import CurrentActor
from minispaces_platform.creating import imports
from minispaces_platform.creating.remotes import find_remote
from minispaces_platform.creating.service import NewSpace, make_space, open_space, owners_for
from minispaces_platform.creating.starters import files_of, title_for
from minispaces_platform.creating.uploads import MOST_UPLOADED, uploaded
from minispaces_platform.creating.views import Filled, new_view, read_visibility
from minispaces_platform.errors import MinispacesError
from minispaces_platform.forms import NO_PROBLEM, FormProblem, words_of
from minispaces_platform.guard import OnAccount
from minispaces_platform.hardware.queries import read_offer
from minispaces_platform.hardware.views import words_of_flavours
from minispaces_platform.models.accounts import User
from minispaces_platform.models.imports import Import
from minispaces_platform.models.spaces import Space
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep

router = APIRouter(include_in_schema=False)

Myself = Annotated[User, Depends(OnAccount())]
_FIELDS_MAX = 20


@router.get("/new-space")
def show_form(
    user: Myself, parts: PartsDep, actor: CurrentActor, template: str = "gradio", owner: str = ""
) -> Response:
    visibility = parts.settings.default_visibility.value
    filled = Filled(owner=owner or user.name, visibility=visibility, start=template)
    return _page(parts, actor, filled)


@router.post("/new-space")
async def make(request: Request, _user: Myself, parts: PartsDep, actor: CurrentActor) -> Response:
    """The body is read here, after the visitor was let in: it may be large."""
    after = BackgroundTasks()
    async with request.form(max_files=MOST_UPLOADED, max_fields=_FIELDS_MAX) as form:
        answer = await anyio.to_thread.run_sync(partial(_make, parts, actor, form, after))
    answer.background = after
    return answer


def _make(parts: Parts, actor: Actor, form: FormData, after: BackgroundTasks) -> Response:
    filled = _filled(form)
    try:
        files = [each for each in form.getlist("files") if isinstance(each, UploadFile)]
        onward = _begin(parts, actor, filled, files, after)
    except MinispacesError as error:
        return _page(parts, actor, filled, FormProblem("new", words_of(error)), status=error.status)
    return RedirectResponse(onward, 303)


def _filled(form: FormData) -> Filled:
    """As it was typed: the rules come later, and say what is wrong."""
    text = {name: value[:1000].replace("\0", "").strip() for name, value in form.items() if isinstance(value, str)}
    return Filled(
        owner=text.get("owner", ""), name=text.get("name", ""), visibility=text.get("visibility", ""),
        hardware=text.get("hardware", ""), start=text.get("start", ""), url=text.get("url", ""),
    )  # fmt: skip


def _begin(
    parts: Parts, actor: Actor, filled: Filled, files: list[UploadFile], after: BackgroundTasks
) -> str:  # fmt: skip
    """Where to go on. Raises MinispacesError."""
    wanted = NewSpace(filled.owner, filled.name, read_visibility(filled.visibility), filled.hardware)
    match filled.start:
        case "upload":
            with uploaded(files, parts.settings) as puts:
                space = make_space(parts, actor, wanted, puts, message="Upload files")
        case "import":
            return _import(parts, actor, wanted, filled.url, after)
        case "empty":
            space = open_space(parts, actor, wanted)
        case starter:
            puts = files_of(starter, title=title_for(wanted.name))
            space = make_space(parts, actor, wanted, puts, message=f"Start from the {starter} template")
    return f"/spaces/{space.full_name}"


def _import(parts: Parts, actor: Actor, wanted: NewSpace, url: str, after: BackgroundTasks) -> str:
    find_remote(url, private=parts.settings.import_from_private)
    started: list[Import] = []

    def begin(session: Session, space: Space) -> None:
        started.append(imports.start_import(session, actor, space, url=url))

    space = open_space(parts, actor, wanted, also=begin)
    after.add_task(imports.run_import, parts, actor, space, started[0])
    return f"/spaces/{space.full_name}/import"


def _page(
    parts: Parts, actor: Actor, filled: Filled, problem: FormProblem = NO_PROBLEM, *, status: int = 200
) -> Response:
    with parts.database.reading() as session:
        owners = owners_for(session, actor)
        offer = read_offer(session, *owners)
    if not filled.hardware and owners:
        chosen = next((each for each in owners if each.name == filled.owner), owners[0])
        filled = replace(filled, hardware=offer.default(chosen).name)
    names = tuple(each.name for each in owners)
    view = new_view(parts.settings, names, filled, problem, flavours=words_of_flavours(offer.choices(*owners)))
    return render("creating/new.html", view, user=actor.user, status=status)
