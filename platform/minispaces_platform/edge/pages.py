"""The hub's side of an app's door: from the hub to the app's host, and the passes that programs ask for."""

from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, RedirectResponse, Response

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.accounts.sign_in import local_path
from minispaces_platform.actors import CurrentActor, nobody
from minispaces_platform.deployments.world import host_of
from minispaces_platform.edge import guests, tickets
from minispaces_platform.edge.guest_pages import router as guest_router
from minispaces_platform.errors import ForbiddenError, NotFoundError, SignInNeededError
from minispaces_platform.guard import Delegated, Everybody, Readable
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.settings import PlatformSettings

router = APIRouter(include_in_schema=False)
router.include_router(guest_router)
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@router.get("/enter", dependencies=[Depends(Delegated("edge.pages.enter_app"))])
def enter_app(
    parts: PartsDep,
    actor: CurrentActor,
    host: str = "",
    next: str = "/",  # noqa: A002 - the address says so
) -> Response:
    """The proxy sends browsers here, and so do the frames of Spaces that are not open to all.

    A stranger is asked to sign in, whether there is such an app or not.
    """
    path = local_path(next)
    with parts.database.reading() as session:
        app = tickets.find_by_host(session, host, parts.settings)
    if app and _needs_no_ticket(app.space, actor, parts.settings):
        return RedirectResponse(parts.settings.url_of(app.host) + path, 303, _HEADERS)
    if actor.session_id is None:
        back = "/enter?" + urlencode({"host": host[:253], "next": path})
        return RedirectResponse("/login?" + urlencode({"next": back}), 303, _HEADERS)
    if app is None or not may(actor, Action.OPEN_APP, app.space):
        raise NotFoundError(
            "There is no app at this address.", hint="Names change, and what is private is open to its members only."
        )
    return _send(parts, app, path, session_id=actor.session_id)


@router.get("/enter/guest/{secret}", dependencies=[Depends(Everybody("the secret in the address is the credential"))])
def enter_as_guest(
    secret: str,
    parts: PartsDep,
    host: str = "",
    next: str = "/",  # noqa: A002 - as above
) -> Response:
    """To the Space's own host, or to one of its previews."""
    with parts.database.writing() as session:
        link = guests.follow_link(session, secret)
        space = session.get(Space, link.space_id) if link else None
        preview = tickets.find_by_host(session, host, parts.settings) if host else None
    if link is None or space is None or space.taken_down_at or (host and (not preview or preview.space.id != space.id)):
        raise NotFoundError(
            "This guest link leads nowhere any more.", hint="It expired or was revoked; ask whoever gave it to you."
        )
    app = preview or tickets.App(space, host_of(space, parts.settings))
    return _send(parts, app, local_path(next), guest_link_id=link.id)


@router.get("/api/spaces/{owner}/{name}/jwt")
def give_pass(space: Readable, parts: PartsDep, actor: CurrentActor) -> Response:
    """For clients that put their credential into the app's address, as `?__sign=`."""
    if actor.token_id is None and actor.session_id is None:
        raise SignInNeededError("You are not signed in.", hint="Send an access token as Authorization: Bearer TOKEN.")
    if not may(actor, Action.OPEN_APP, space):
        raise ForbiddenError("You may not open this app.", hint="Ask an owner of the Space.")
    return JSONResponse({"token": tickets.pass_for(actor, space, parts.settings)}, headers=_HEADERS)


def _needs_no_ticket(space: Space, actor: Actor, settings: PlatformSettings) -> bool:
    """Open to all, and nobody to tell it about."""
    if not may(nobody(settings), Action.OPEN_APP, space):
        return False
    return actor.session_id is None or not space.card.identity_headers


def _send(
    parts: Parts, app: tickets.App, path: str, *, session_id: str | None = None, guest_link_id: str | None = None
) -> Response:
    with parts.database.writing() as session:
        ticket = tickets.issue(session, app.space, session_id=session_id, guest_link_id=guest_link_id)
    return RedirectResponse(tickets.address_with(ticket, app.host, parts.settings, path=path), 303, _HEADERS)
