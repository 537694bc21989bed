"""What every request and every answer of the hub must satisfy: headers, host, origin and body size, as data.

Apps run on hosts below ours, so they are same-site with the hub: SameSite cookies alone do not keep their pages from
posting to us. Git and the internal door carry tokens and no cookies; they are checked where they are served. No page
of somebody else's can make a browser send an Authorization header.
"""

import re
from urllib.parse import urlsplit

import structlog
import uuid_utils
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from minispaces_platform.around import lay_out
from minispaces_platform.audit.service import ORIGIN, Origin
from minispaces_platform.error_pages import error_response, unexpected
from minispaces_platform.errors import ForbiddenError, MinispacesError, NotFoundError
from minispaces_platform.settings import PlatformSettings

MAX_FORM_BYTES = 64 * 1024
_GIT = re.compile(r"/spaces/[^/]+/[^/]+/(info/refs|git-(upload|receive)-pack|info/lfs(/.*)?)")
_FILES = re.compile(r"/new-space(/.*)?|/spaces/[^/]+/[^/]+/(edit|new|upload)/.*")
"""Where files arrive. The handler reads the body itself, after its policy has let the visitor in."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class MisdirectedError(MinispacesError):
    status = 421
    code = "misdirected"


class TooLargeError(MinispacesError):
    status = 413
    code = "too_large"


def content_security_policy(settings: PlatformSettings, *, onward: str = "") -> str:
    """No inline script or style, nothing from elsewhere but the apps in their frames.

    `onward` is an origin that a form of the page leads to in the end: browsers check redirects too.
    """
    apps = f"{settings.scheme}://*.{urlsplit(settings.url_of(settings.apps_domain)).netloc}"
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        # Our own /enter leads frames on to apps that are not open to all.
        "frame-src": f"'self' {apps}",
        "form-action": f"'self' {onward}".strip(),
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())


def answer_headers(settings: PlatformSettings) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": content_security_policy(settings),
        "X-Content-Type-Options": "nosniff",
        # Not no-referrer: browsers would then send `Origin: null` with our own forms.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    https = {"Strict-Transport-Security": "max-age=31536000"} if settings.scheme == "https" else {}
    return headers | https


def carries_tokens(path: str) -> bool:
    """Whether what is served here is asked for by programs, with a token of their own and never a cookie."""
    return path.startswith("/internal/") or _GIT.fullmatch(path) is not None


def is_for_programs(path: str) -> bool:
    """Whether it answers to what is in the form alone, whoever sends it: no cookie is looked at."""
    return path in {"/oauth/token", "/oauth/device", "/oauth/revoke", "/oauth/userinfo"}


def answers_any_host(path: str) -> bool:
    return path.startswith("/internal/") or path in {"/healthz", "/readyz"}


def is_our_host(hosts: list[str], settings: PlatformSettings) -> bool:
    """Exactly one Host header that names us, on any port."""
    return len(hosts) == 1 and re.sub(r":\d{1,5}$", "", hosts[0].lower()) == settings.domain.lower()


def is_from_our_pages(headers: Headers, settings: PlatformSettings) -> bool:
    """Browsers send Sec-Fetch-Site only to https and localhost; an Origin with every unsafe request."""
    if site := headers.get("sec-fetch-site"):
        return site in {"same-origin", "none"}
    return headers.get("origin") == f"{settings.scheme}://{headers.get('host', '')}"


def most_bytes(path: str, settings: PlatformSettings) -> int:
    """What a request's body may have: as much as a push where files arrive."""
    return settings.max_push_mb << 20 if _FILES.fullmatch(path) else MAX_FORM_BYTES


def is_too_large(headers: Headers, *, most: int) -> bool:
    """Or of a length that is not said."""
    length = headers.get("content-length", "0")
    return "transfer-encoding" in headers or not length.isdecimal() or int(length) > most


def refusal(request: Request, settings: PlatformSettings) -> MinispacesError | None:
    """Why this request goes no further, if it does not."""
    path, headers = request.url.path, request.headers
    if not answers_any_host(path) and not is_our_host(headers.getlist("host"), settings):
        return MisdirectedError("This server does not answer for that host.", hint=f"The hub is at {settings.hub_url}.")
    if "\0" in path:  # nothing is called so, and PostgreSQL takes no such text
        return NotFoundError("There is nothing at this address.")
    if request.method in _SAFE or carries_tokens(path):
        return None
    trusted = "authorization" in headers or is_for_programs(path) or is_from_our_pages(headers, settings)
    if not trusted:
        return ForbiddenError(
            "This request did not come from a page of the hub, so nothing was changed.",
            hint=f"Open {settings.hub_url} and try again there.",
        )
    if is_too_large(headers, most=(most := most_bytes(path, settings))):
        return TooLargeError(f"This may have {most // 1024:,} kB at most, and must say how long it is.")
    return None


def client_address(scope: Scope) -> str:
    """The one that the proxy saw: it sets this header itself, whatever a client sent."""
    client = scope["client"][0] if scope.get("client") else ""
    return Headers(scope=scope).get("x-forwarded-for", client).rpartition(",")[2].strip()[:64]


def middlewares(settings: PlatformSettings) -> list[Middleware]:
    return [Middleware(Gate, settings=settings)]


def _head_only(send: Send) -> Send:
    """Whatever answers GET answers HEAD, without the body; the server adds nothing to an answer of no length."""

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


class Gate:
    """Gives each request an id, refuses what must not pass, and puts our headers on every answer, errors included."""

    def __init__(self, app: ASGIApp, settings: PlatformSettings) -> None:
        self.app = app
        self.settings = settings
        self.headers = answer_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["request_id"] = uuid_utils.uuid7().hex
        ORIGIN.set(Origin(client_address(scope), scope["request_id"]))
        lay_out(scope["app"].state.parts.board)
        with structlog.contextvars.bound_contextvars(request_id=scope["request_id"]):
            await self._pass(scope, receive, self._dressed(scope, send))

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope
        if scope["method"] == "HEAD" and not scope["path"].startswith("/events/"):
            asked, send = {**scope, "method": "GET"}, _head_only(send)
        request = Request(asked)
        if error := refusal(request, self.settings):
            await error_response(request, error)(asked, receive, send)
            return
        try:
            await self.app(asked, receive, send)
        except Exception as error:
            if scope.get("answer_started"):
                raise
            await unexpected(request, error)(asked, receive, send)

    def _dressed(self, scope: Scope, send: Send) -> Send:
        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["answer_started"] = True
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = scope["request_id"]
            await send(message)

        return send_dressed
