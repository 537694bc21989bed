"""Where people decide: whether to let an app know who they are, and what they have let in."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.actors import CurrentActor
from minispaces_platform.database import now
from minispaces_platform.errors import NotFoundError, SignInNeededError
from minispaces_platform.guard import Delegated, OnAccount
from minispaces_platform.models.accounts import User
from minispaces_platform.models.namespaces import Organization
from minispaces_platform.models.spaces import Space
from minispaces_platform.oauth import queries, scopes, service
from minispaces_platform.oauth.asking import Asked, allowed, refused, understand
from minispaces_platform.oauth.claims import memberships_of
from minispaces_platform.oauth.clients import admit, find_client, origin_of
from minispaces_platform.oauth.routing import BrowserRoute, FormFields, QueryFields
from minispaces_platform.oauth.views import AppsView, AppView, OnwardView, consent_view
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.security import content_security_policy

router = APIRouter(include_in_schema=False, route_class=BrowserRoute)
ByBrowser = Depends(Delegated("person_of: somebody at a browser; admit: whom the app lets in"))
Account = Annotated[User, Depends(OnAccount())]
FROM_SIGN_IN = "signed_in"


def person_of(actor: Actor) -> User | None:
    """Somebody at a browser: no token allows anything to an app."""
    return actor.user if actor.user and may(actor, Action.USE_ACCOUNT, actor.user) else None


@router.get("/oauth/authorize", dependencies=[ByBrowser])
def ask(request: Request, parts: PartsDep, actor: CurrentActor, fields: QueryFields) -> Response:
    """Straight back to the app when they have allowed the same before."""
    with parts.database.reading() as session:
        asked = understand(fields, find_client(session, fields.get("client_id", "")), parts.settings)
        if person_of(actor) is None:
            return _sign_in_first(request, parts, asked, fields)
        if FROM_SIGN_IN in fields:
            return _leave_form(request)
        if _is_too_long_ago(session, actor, asked):
            return _refuse(parts, fields, "login_required", "They signed in longer ago than max_age.")
        admit(asked.client, actor, _organizations(session, actor))
        known = actor.user and service.covers(service.find_consent(session, actor.user, asked.client), asked.scopes)
    if known and not asked.prompt & {"consent", "login", "select_account"}:
        return _go_back(parts, actor, asked, fields)
    if "none" in asked.prompt:
        return _refuse(parts, fields, "consent_required", "They have not allowed this yet.")
    return _show_consent(parts, actor, asked, fields)


@router.post("/oauth/authorize", dependencies=[ByBrowser])
def decide(parts: PartsDep, actor: CurrentActor, fields: FormFields) -> Response:
    """The button; only a page of ours can have been the form, which the gate sees to."""
    with parts.database.reading() as session:
        asked = understand(fields, find_client(session, fields.get("client_id", "")), parts.settings)
        if person_of(actor) is None:
            raise SignInNeededError("You were signed out meanwhile.", hint="Go back to the app and sign in again.")
        admit(asked.client, actor, _organizations(session, actor))
    if fields.get("decision") != "allow":
        return _refuse(parts, fields, "access_denied", "They said no.")
    return _go_back(parts, actor, asked, fields)


def _go_back(parts: Parts, actor: Actor, asked: Asked, fields: Mapping[str, str]) -> Response:
    with parts.database.writing() as session:
        known = actor.user and service.find_consent(session, actor.user, asked.client)
        consent = known if known and service.covers(known, asked.scopes) else None
        consent = consent or service.allow(session, actor, asked.client, asked=asked.scopes)
        since = service.signed_in_at(session, actor)
        code = service.begin_grant(session, consent, asked=asked.scopes, signed_in_at=since, back=asked.back)
    return _leave(allowed(fields, parts.settings, code=code))


def _refuse(parts: Parts, fields: Mapping[str, str], word: str, why: str) -> Response:
    return _leave(refused(fields, parts.settings, word=word, why=why))


def _leave(address: str) -> Response:
    return RedirectResponse(address, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _sign_in_first(request: Request, parts: Parts, asked: Asked, fields: Mapping[str, str]) -> Response:
    if "none" in asked.prompt:
        return _refuse(parts, fields, "login_required", "They are not signed in.")
    back = f"/oauth/authorize?{request.url.query}&{FROM_SIGN_IN}=1"
    return RedirectResponse(f"/login?next={quote(back, safe='')}", 303)


def _leave_form(request: Request) -> Response:
    """Signing in may have been a form of ours, and browsers let no redirect of such a form lead to another host: a
    page in between ends that chain.
    """
    path = f"/oauth/authorize?{request.url.query.replace(f'&{FROM_SIGN_IN}=1', '')}"
    return render("oauth/onward.html", OnwardView(path))


def _is_too_long_ago(session: Session, actor: Actor, asked: Asked) -> bool:
    if asked.max_age is None:
        return False
    return (now() - service.signed_in_at(session, actor)).total_seconds() > asked.max_age


def _organizations(session: Session, actor: Actor) -> list[Organization]:
    return [found for found, _role in memberships_of(session, actor.user)] if actor.user else []


def _show_consent(parts: Parts, actor: Actor, asked: Asked, fields: Mapping[str, str]) -> Response:
    address = urlsplit(asked.back.redirect_uri)
    response = render("oauth/consent.html", consent_view(asked, fields, host=address.netloc), user=actor.user)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = content_security_policy(parts.settings, onward=origin_of(address))
    return response


@router.get("/settings/apps")
def show_apps(parts: PartsDep, user: Account) -> Response:
    with parts.database.reading() as session:
        connected = queries.list_connected(session, user)
    apps = tuple(
        AppView(
            app.consent.id, app.name, app.space, scopes.in_words(scopes.split(app.consent.scopes)),
            app.consent.created_at, app.last_used_at,
        )
        for app in connected
    )  # fmt: skip
    return render("oauth/apps.html", AppsView(apps), user=user)


@router.post("/settings/apps/{consent_id}/disconnect")
def disconnect(consent_id: str, parts: PartsDep, user: Account, actor: CurrentActor) -> Response:
    with parts.database.writing() as session:
        consent = queries.find_own(session, user, consent_id)
        if consent is None:
            raise NotFoundError("This app is not connected any more.", hint="Your list of apps shows which are.")
        service.revoke(session, actor, consent, name=queries.name_of(consent, session.get(Space, consent.space_id)))
    return RedirectResponse("/settings/apps", 303)
