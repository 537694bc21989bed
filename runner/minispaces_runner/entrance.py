"""The door of an app that is not open to all: a ticket from the hub becomes a cookie for this host alone."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

import httpx2
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from minispaces_contract.messages import TicketAnswer, TicketPresented
from minispaces_runner.settings import RunnerSettings

ENTRANCE_PATH = "/.minispaces/enter"
_PATH_MAX = 8000
_WORDS = {
    "spent": (
        HTTPStatus.BAD_REQUEST,
        "This way in was used already, or is too old. Open the app from its Space again.\n",
    ),
    "elsewhere": (HTTPStatus.FORBIDDEN, "This way in leads to another app. Open this one from its own Space.\n"),
}
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

Redeem = Callable[[TicketPresented], Awaitable[TicketAnswer]]


def cookie_name(scheme: str) -> str:
    """With `__Host-` a browser takes the cookie from this very host only, so that no other app can plant one."""
    return "__Host-minispaces-app" if scheme == "https" else "minispaces_app"


async def enter(request: Request, host: str, settings: RunnerSettings, *, redeem: Redeem) -> Response:
    ticket = TicketPresented(ticket=request.query_params.get("ticket", "")[:200], host=host)
    try:
        answer = await redeem(ticket)
    except httpx2.HTTPError:
        words = "The hub is not up at the moment. Try again in a moment.\n"
        return PlainTextResponse(words, 503, _HEADERS | {"Retry-After": "5"})
    if answer.outcome in _WORDS:
        status, words = _WORDS[answer.outcome]
        return PlainTextResponse(words, status, _HEADERS)
    response = RedirectResponse(local_path(request.query_params.get("next", "/")), 303, _HEADERS)
    _keep(response, answer, settings, framed=request.headers.get("sec-fetch-dest") == "iframe")
    return response


def _keep(response: Response, answer: TicketAnswer, settings: RunnerSettings, *, framed: bool) -> None:
    """In a frame of the hub's page, which is another site to the browser, only a partitioned cookie comes back.

    Over plain HTTP that works on localhost; only there, browsers say that they fill a frame.
    """
    https = settings.scheme == "https"
    kept = f"{cookie_name(settings.scheme)}={answer.token}; Path=/; Max-Age={answer.seconds}; HttpOnly"
    kept += "; Secure; SameSite=None; Partitioned" if https or framed else "; SameSite=Lax"
    response.headers.append("Set-Cookie", kept)


def local_path(wanted: str) -> str:
    """`wanted` if it can only be a path of this host, else `/`.

    Browsers read two slashes of either kind as the beginning of another host's address.
    """
    clean = wanted.isascii() and wanted.isprintable() and "\\" not in wanted and len(wanted) <= _PATH_MAX
    if not clean or not wanted.startswith("/") or unquote(wanted).startswith(("//", "/\\")):
        return "/"
    parts = urlsplit(wanted)
    return "/" if parts.scheme or parts.netloc or parts.path.startswith(ENTRANCE_PATH) else wanted
