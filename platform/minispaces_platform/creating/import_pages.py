"""How far an import is, and another try."""

from fastapi import APIRouter, BackgroundTasks
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Actor
from minispaces_platform.actors import CurrentActor
from minispaces_platform.changes import changing
from minispaces_platform.creating import imports
from minispaces_platform.creating.remotes import find_remote
from minispaces_platform.creating.views import import_view
from minispaces_platform.errors import ConflictError, InvalidError
from minispaces_platform.forms import NO_PROBLEM, FormProblem, Text, words_of
from minispaces_platform.guard import Writable
from minispaces_platform.models.imports import Import
from minispaces_platform.models.spaces import Space
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.spaces.overview import head_of

router = APIRouter(include_in_schema=False)


@router.get("/spaces/{owner}/{name}/import")
def show_import(space: Writable, parts: PartsDep, actor: CurrentActor) -> Response:
    return _page(parts, actor, space)


@router.post("/spaces/{owner}/{name}/import")
def try_again(
    space: Writable, parts: PartsDep, actor: CurrentActor, after: BackgroundTasks, url: Text = ""
) -> Response:
    try:
        find_remote(url, private=parts.settings.import_from_private)
        with changing(parts.database, parts.redis_sync) as session:
            started = _start(session, actor, space, url=url)
    except (InvalidError, ConflictError) as error:
        return _page(parts, actor, space, FormProblem("import", words_of(error)), status=error.status)
    after.add_task(imports.run_import, parts, actor, space, started)
    return RedirectResponse(f"/spaces/{space.full_name}/import", 303)


def _start(session: Session, actor: Actor, space: Space, *, url: str) -> Import:
    """Raises ConflictError for a Space that has files: an import is a beginning."""
    if space.versions:
        raise ConflictError(f"{space.full_name} has files already.", hint="Import into a new Space.")
    return imports.start_import(session, actor, space, url=url)


def _page(
    parts: Parts, actor: Actor, space: Space, problem: FormProblem = NO_PROBLEM, *, status: int = 200
) -> Response:
    with parts.database.reading() as session:
        found = imports.newest_import(session, space.id)
        head = head_of(session, parts, actor, space, tab="import")
    return render("creating/import.html", import_view(head, found, problem), user=actor.user, status=status)
