"""The OpenID provider's addresses for programs (hf-compat 2.14 and 3.13)."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from minispaces_platform.actors import CurrentActor
from minispaces_platform.audit import service as audit
from minispaces_platform.guard import Delegated, Everybody
from minispaces_platform.limits import limit
from minispaces_platform.models.oauth import OAuthToken
from minispaces_platform.oauth import claims, devices, issuing
from minispaces_platform.oauth.clients import find_client, is_secret_of
from minispaces_platform.oauth.errors import OAuthError
from minispaces_platform.oauth.issuing import Caller
from minispaces_platform.oauth.routing import FormFields, OpenRoute, preflight
from minispaces_platform.oauth.scopes import SCOPES
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.signing import ALGORITHM, public_keys

router = APIRouter(include_in_schema=False, route_class=OpenRoute)
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_PROVEN = Depends(Delegated("caller_of: the client's secret, or what only it can hold"))
_STALE = "It has been used, is too old, was ended, or was made for another client, address or challenge."
_PATHS = (
    "/.well-known/openid-configuration", "/.well-known/jwks.json", "/oauth/token", "/oauth/device", "/oauth/revoke",
    "/oauth/userinfo",
)  # fmt: skip

for path in _PATHS:
    router.add_api_route(path, preflight, methods=["OPTIONS"], dependencies=[Depends(Everybody("tells browsers"))])


@router.get("/.well-known/openid-configuration", dependencies=[Depends(Everybody("says where everything is"))])
def describe(parts: PartsDep) -> Response:
    return JSONResponse(discovery(parts.settings), headers={"Cache-Control": "public, max-age=300"})


def discovery(settings: PlatformSettings) -> dict[str, Any]:
    hub = settings.hub_url
    return {
        "issuer": hub,
        "authorization_endpoint": f"{hub}/oauth/authorize",
        "token_endpoint": f"{hub}/oauth/token",
        "userinfo_endpoint": f"{hub}/oauth/userinfo",
        "device_authorization_endpoint": f"{hub}/oauth/device",
        "revocation_endpoint": f"{hub}/oauth/revoke",
        "jwks_uri": f"{hub}/.well-known/jwks.json",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": [
            "sub", "name", "preferred_username", "profile", "picture", "website", "email", "email_verified", "isPro",
            "orgs", "auth_time", "nonce", "at_hash",
        ],
        "prompt_values_supported": ["none", "consent", "login", "select_account"],
        "authorization_response_iss_parameter_supported": True,
        "request_uri_parameter_supported": False,
    }  # fmt: skip


@router.get("/.well-known/jwks.json", dependencies=[Depends(Everybody("public keys"))])
def show_keys(parts: PartsDep) -> Response:
    return JSONResponse(public_keys(parts.settings), headers={"Cache-Control": "public, max-age=300"})


@router.post("/oauth/token", dependencies=[_PROVEN])
def give_tokens(request: Request, parts: PartsDep, fields: FormFields) -> Response:
    match fields.get("grant_type"):
        case "authorization_code":
            return _answer(parts, request, fields, lambda session, caller: issuing.redeem_code(
                session, caller, parts.settings, code=fields.get("code", ""),
                redirect_uri=fields.get("redirect_uri", ""), verifier=fields.get("code_verifier", ""),
            ))  # fmt: skip
        case "refresh_token":
            return _answer(parts, request, fields, lambda session, caller: issuing.refresh(
                session, caller, parts.settings, token=fields.get("refresh_token", ""), asked=fields.get("scope", "")
            ))  # fmt: skip
        case grant if grant == DEVICE_GRANT:
            return _answer(parts, request, fields, lambda session, caller: devices.poll(
                session, caller, parts.settings, device_code=fields.get("device_code", "")
            ))  # fmt: skip
        case _:
            raise OAuthError("unsupported_grant_type", "grant_type is none of those that /.well-known lists.")


Redeem = Callable[[Session, Caller], dict[str, Any] | str | None]


def _answer(parts: Parts, request: Request, fields: Mapping[str, str], redeem: Redeem) -> Response:
    """What ended a grant is committed before it is refused."""
    with parts.database.writing() as session:
        outcome = redeem(session, caller_of(session, request, fields, settings=parts.settings))
    if outcome is None or isinstance(outcome, str):
        raise OAuthError(outcome or "invalid_grant", _WORDS.get(outcome or "", _STALE))
    return JSONResponse(outcome, headers={"Cache-Control": "no-store"})


_WORDS = {
    "authorization_pending": "Nobody has decided yet.",
    "slow_down": "Ask less often.",
    "expired_token": "Nobody decided in time. Start again.",
    "access_denied": "The request was declined.",
}


@router.post("/oauth/device", dependencies=[_PROVEN])
def begin_device(request: Request, parts: PartsDep, fields: FormFields) -> Response:
    limit(parts, "device-start", audit.ORIGIN.get().address, most=60)
    with parts.database.writing() as session:
        caller = caller_of(session, request, fields, settings=parts.settings)
        if caller.client.space is not None:
            raise OAuthError("unauthorized_client", "The device flow is for programs in terminals.")
        begun = devices.begin(session, caller.client, parts.settings, asked=fields.get("scope", ""))
    return JSONResponse(begun, headers={"Cache-Control": "no-store"})


@router.post("/oauth/revoke", dependencies=[_PROVEN])
def revoke(request: Request, parts: PartsDep, fields: FormFields) -> Response:
    """RFC 7009: the answer is the same for what is unknown."""
    with parts.database.writing() as session:
        caller = caller_of(session, request, fields, settings=parts.settings)
        issuing.withdraw(session, caller, fields.get("token", ""))
    return Response()


@router.api_route(
    "/oauth/userinfo",
    methods=["GET", "POST"],
    dependencies=[Depends(Delegated("tell: an app's token"))],
)
def tell(parts: PartsDep, actor: CurrentActor) -> Response:
    """A cookie is no credential here: pages of every origin may read the answer."""
    with parts.database.reading() as session:
        issued = session.get(OAuthToken, actor.token_id) if actor.token_id else None
        if issued is None or actor.user is None:
            raise OAuthError("invalid_token", "An access token issued to an app is needed, as Bearer.", status=401)
        person = claims.look_up(session, actor.user)
    return JSONResponse(
        claims.claims_of(person, issued.scopes, parts.settings), headers={"Cache-Control": "private, no-store"}
    )


def caller_of(session: Session, request: Request, fields: Mapping[str, str], *, settings: PlatformSettings) -> Caller:
    """Raises OAuthError for an unknown client and a wrong secret."""
    client_id, secret = _credentials(request, fields)
    client = find_client(session, client_id)
    if client is None or (secret and not is_secret_of(client, secret, settings)):
        raise OAuthError("invalid_client", "There is no such client, or its secret is another.", status=401)
    return Caller(client, proven=bool(secret))


def _credentials(request: Request, fields: Mapping[str, str]) -> tuple[str, str]:
    """client_secret_basic, client_secret_post, or the client's id alone (RFC 6749 2.3.1)."""
    sent = fields.get("client_id", ""), fields.get("client_secret", "")
    if "authorization" not in request.headers:
        return sent
    try:
        scheme, _, value = request.headers["authorization"].partition(" ")
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        scheme = name = secret = ""
    if scheme.lower() != "basic" or sent[1] or sent[0] not in {"", unquote(name)}:
        raise OAuthError("invalid_client", "One way to say who asks, please: Basic, or the form.", status=401)
    return unquote(name), unquote(secret)
