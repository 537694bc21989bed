"""Typing the code that a program in a terminal shows, and deciding whether it may act for oneself."""

from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Actor
from minispaces_platform.actors import CurrentActor
from minispaces_platform.errors import NotFoundError, SignInNeededError
from minispaces_platform.guard import Delegated
from minispaces_platform.limits import limit
from minispaces_platform.models.accounts import User
from minispaces_platform.models.oauth import OAuthDevice
from minispaces_platform.oauth import devices, scopes
from minispaces_platform.oauth.clients import TERMINALS
from minispaces_platform.oauth.pages import person_of
from minispaces_platform.oauth.routing import BrowserRoute, FormFields, QueryFields
from minispaces_platform.oauth.views import DecidedView, DeviceFormView, DeviceView
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep

router = APIRouter(include_in_schema=False, route_class=BrowserRoute)
ByBrowser = Depends(Delegated("person_of: somebody at a browser"))
_TRIES = 20
_UNKNOWN = "No program waits for this code. It is good for 15 minutes; start again where you got it."


@router.get("/device", dependencies=[ByBrowser])
def show_form(actor: CurrentActor, fields: QueryFields) -> Response:
    """A code in the address only fills in the form: whoever sent the link may have started the program."""
    code = fields.get("code", fields.get("user_code", ""))[:20]
    if person_of(actor) is None:
        return RedirectResponse(f"/login?next={quote(f'/device?code={quote(code)}', safe='')}", 303)
    return render("oauth/device_form.html", DeviceFormView(code), user=actor.user)


@router.post("/device", dependencies=[ByBrowser])
def check_code(parts: PartsDep, actor: CurrentActor, fields: FormFields) -> Response:
    """Without a decision, ask for it; with one, do it."""
    person = _person(actor)
    limit(parts, "device-code", person.id, most=_TRIES)
    match fields.get("decision"):
        case None:
            return _ask(parts, person, fields.get("code", ""))
        case decision:
            return _decide(parts, actor, fields.get("code", ""), allowed=decision == "allow")


def _ask(parts: Parts, person: User, code: str) -> Response:
    with parts.database.reading() as session:
        device = devices.find_waiting(session, code)
    if device is None:
        return render("oauth/device_form.html", DeviceFormView(code[:20], _UNKNOWN), user=person, status=404)
    return render("oauth/device.html", _view(device), user=person)


def _view(device: OAuthDevice) -> DeviceView:
    return DeviceView(
        devices.shown(device.user_code), TERMINALS[device.client_id].name,
        scopes.in_words(scopes.split(device.scopes)), device.address, device.created_at,
    )  # fmt: skip


def _decide(parts: Parts, actor: Actor, code: str, *, allowed: bool) -> Response:
    with parts.database.writing() as session:
        device = devices.find_waiting(session, code)
        if device is None:
            raise NotFoundError(_UNKNOWN)
        client = TERMINALS[device.client_id]
        if allowed:
            devices.accept(session, actor, device, client=client)
        else:
            devices.deny(device)
    return render("oauth/device_decided.html", DecidedView(allowed, client.name), user=actor.user)


def _person(actor: Actor) -> User:
    if person := person_of(actor):
        return person
    raise SignInNeededError("You were signed out meanwhile.", hint="Sign in, then type the code again.")
