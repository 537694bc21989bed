"""`GET /api/whoami-v2`: whose a token is and what it is for, in the Hub's words (hf-compat 3.4)."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from minispaces_platform.access import Actor
from minispaces_platform.actors import current_actor
from minispaces_platform.errors import SignInNeededError
from minispaces_platform.guard import Delegated, Everybody
from minispaces_platform.models.accounts import AccessToken, User
from minispaces_platform.models.oauth import OAuthToken
from minispaces_platform.oauth import claims, scopes
from minispaces_platform.oauth.claims import Person
from minispaces_platform.oauth.routing import OpenRoute, preflight
from minispaces_platform.parts import PartsDep
from minispaces_platform.settings import PlatformSettings

router = APIRouter(include_in_schema=False, route_class=OpenRoute)
_INVALID = "Invalid credentials in Authorization header"
"""Clients compare with exactly these words."""

router.add_api_route(
    "/api/whoami-v2", preflight, methods=["OPTIONS"], dependencies=[Depends(Everybody("tells browsers"))]
)


@router.get("/api/whoami-v2", dependencies=[Depends(Delegated("whoami: only about oneself"))])
def whoami(request: Request, parts: PartsDep) -> Response:
    try:
        actor = current_actor(request, parts)
    except SignInNeededError:
        actor = None
    if actor is None or actor.user is None:
        return JSONResponse({"error": _INVALID}, 401, {"X-Error-Message": _INVALID, "Cache-Control": "no-store"})
    with parts.database.reading() as session:
        body = _about(session, actor, actor.user, settings=parts.settings)
    return JSONResponse(body, headers={"Cache-Control": "private, no-store"})


def _about(session: Session, actor: Actor, user: User, *, settings: PlatformSettings) -> dict[str, Any]:
    token = session.get(AccessToken, actor.token_id) if actor.token_id else None
    issued = session.get(OAuthToken, token.id) if token else None
    person = claims.look_up(session, user)
    sees_email = issued is None or "email" in scopes.split(issued.scopes)
    return {
        "type": "user",
        "id": user.id,
        "name": user.name,
        "fullname": user.full_name or user.name,
        "email": person.email if sees_email and person.email else None,
        "emailVerified": False,
        "canPay": False,
        "isPro": False,
        "periodEnd": None,
        "avatarUrl": claims.picture_of(user.name, settings),
        "orgs": _organizations(person, settings),
        "auth": _auth(actor, token, issued),
    }


def _organizations(person: Person, settings: PlatformSettings) -> list[dict[str, Any]]:
    return [
        {
            "type": "org",
            "id": organization.id,
            "name": organization.name,
            "fullname": organization.full_name or organization.name,
            "email": None,
            "canPay": False,
            "avatarUrl": claims.picture_of(organization.name, settings),
            "roleInOrg": role.value,
            "isEnterprise": False,
        }
        for organization, role in person.organizations
    ]


def _auth(actor: Actor, token: AccessToken | None, issued: OAuthToken | None) -> dict[str, Any]:
    if token is None:
        return {"type": "session"}
    if issued:
        expires = {"expiresAt": _moment(token.expires_at)} if token.expires_at else {}
        return {"type": "oauth", "scopes": scopes.split(issued.scopes), **expires}
    role = "fineGrained" if actor.spaces is not None else token.scope.value
    shown = {"displayName": token.name or token.hint, "role": role, "createdAt": _moment(token.created_at)}
    return {"type": "access_token", "accessToken": shown}


def _moment(at: datetime) -> str:
    """The one spelling that the Hub's clients read."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
