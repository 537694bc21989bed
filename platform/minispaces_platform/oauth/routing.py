"""How the protocol's routes differ from the hub's others: repeated fields are refused, refusals are the protocol's own,
and pages of every origin may read the answers, because no cookie has a part in them.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.datastructures import ImmutableMultiDict
from starlette.responses import JSONResponse, RedirectResponse, Response

from minispaces_platform.error_pages import error_response
from minispaces_platform.errors import MinispacesError
from minispaces_platform.oauth.errors import BadClientError, OAuthError

_FIELDS_MAX = 40
_OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "WWW-Authenticate, X-Request-Id"}
_PREFLIGHT = _OPEN | {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "7200",
}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class BrowserRoute(APIRoute):
    """For people: a refusal takes them back to where they came from, when that is the client's own."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handle_refusals(request: Request) -> Response:
            try:
                return await handle(request)
            except OAuthError as error:
                if not error.back:
                    raise BadClientError(error.message) from error
                return RedirectResponse(error.back, 303, {"Cache-Control": "no-store"})

        return handle_refusals


class OpenRoute(APIRoute):
    """For programs and for pages of any origin."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handle_openly(request: Request) -> Response:
            try:
                response = await handle(request)
            except OAuthError as error:
                response = _refusal(request, error)
            except MinispacesError as error:
                response = error_response(request, error)
            response.headers.update(_OPEN)
            return response

        return handle_openly


def _refusal(request: Request, error: OAuthError) -> Response:
    body = {"error": error.code, "error_description": error.message}
    response = JSONResponse(body, error.status, {"Cache-Control": "no-store"})
    if error.code == "invalid_client" and "authorization" in request.headers:
        response.headers["WWW-Authenticate"] = 'Basic realm="Minispaces"'
    return response


def preflight() -> Response:
    return Response(status_code=204, headers=_PREFLIGHT)


def read_query(request: Request) -> Mapping[str, str]:
    return _once(request.query_params)


async def read_form(request: Request) -> Mapping[str, str]:
    form = await request.form(max_files=0, max_fields=_FIELDS_MAX)
    return _once(form)


def _once(fields: ImmutableMultiDict[str, Any]) -> dict[str, str]:
    """Raises OAuthError for what is there twice (RFC 6749 3.1); what is empty counts as absent."""
    pairs = [(name, value) for name, value in fields.multi_items() if isinstance(value, str) and value]
    if len({name for name, _value in pairs}) < len(pairs):
        raise OAuthError("invalid_request", "Each parameter may be there once.")
    if any("\0" in value for _name, value in pairs):  # PostgreSQL stores none
        raise OAuthError("invalid_request", "No parameter may hold a NUL.")
    return dict(pairs)


QueryFields = Annotated[Mapping[str, str], Depends(read_query)]
FormFields = Annotated[Mapping[str, str], Depends(read_form)]
