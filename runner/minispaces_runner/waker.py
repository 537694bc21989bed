"""What answers for every app that is not up: it has it woken, waits for it, and then steps aside; or it explains.

The proxy asks beforehand where the app is (`deploy/proxy/wake.lua`) and holds the request meanwhile, body unread. Only
when that ends without an app does the request itself come here.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from minispaces_runner.entrance import ENTRANCE_PATH, Redeem, enter
from minispaces_runner.haproxy_routes import format_target
from minispaces_runner.host_view import HostState, HostView
from minispaces_runner.ledger import Ledger
from minispaces_runner.pages import page_headers, render_page, sentence_of
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.waiting import wait_for

STATE_PATH = "/.minispaces/state"
"""The proxy leads everything below `/.minispaces/` here, also while the app is up: it cannot be the app's own."""
WAKE_PATH = "/.minispaces/wake"
ROUTE_HEADER = "X-Minispaces-Route"
_METHOD_HEADER, _HELD_HEADER = "x-minispaces-method", "x-minispaces-held"
"""Only the proxy can send these: it strips what visitors send by such names."""
_QUESTION_SECONDS = 25.0
"""How long a waiting page's question for news is held open."""
_PROBE_SECONDS = 0.3
_LOOK_AGAIN_SECONDS = 0.25

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

Wake = Callable[[str], None]
"""Has a host's app thawed or started."""


def make_waker(ledger: Ledger, settings: RunnerSettings, *, wake: Wake, redeem: Redeem) -> Starlette:
    """`redeem` asks the platform about a visitor's ticket."""

    async def locate(request: Request) -> Response:
        return await _locate(request, ledger, settings, wake=wake)

    async def answer(request: Request) -> Response:
        return await _answer(request, ledger, settings, wake=wake)

    async def state(request: Request) -> Response:
        seen = tuple(request.query_params.get(name, "") for name in ("seen", "words"))
        return await _tell_state(ledger, _host(request), seen=seen)

    async def entrance(request: Request) -> Response:
        return await enter(request, _host(request), settings, redeem=redeem)

    return Starlette(
        routes=[
            Route(ENTRANCE_PATH, entrance, methods=["GET"]),
            Route(STATE_PATH, state, methods=["GET"]),
            Route(WAKE_PATH, locate, methods=["GET"]),
            Route("/{path:path}", answer, methods=_METHODS),
        ]
    )


async def _locate(request: Request, ledger: Ledger, settings: RunnerSettings, *, wake: Wake) -> Response:
    """The proxy's own question: where the request that it holds goes on to. No answer where nothing is to be had."""
    host, patience = _host(request), _patience(request, settings)
    if _METHOD_HEADER not in request.headers:
        return Response(status_code=404)
    if not _view(ledger, host).state.may_run_soon:
        return Response(status_code=204)
    wake(host)
    with ledger.visitor(host):
        await _await(ledger, host, seconds=patience, until=_has_come_or_will_not(ledger))
    target = ledger.routes.get(host)
    return Response(status_code=204, headers={ROUTE_HEADER: format_target(target, host)} if target else {})


async def _tell_state(ledger: Ledger, host: str, *, seen: tuple[str, ...]) -> Response:
    """When it is another one than the page shows. Who looks at a page that says what an app waits for keeps a place."""

    async def differs(view: HostView) -> bool:
        return (view.state, view.words or "") != seen

    waits = ledger.visitor(host) if seen[1] and _view(ledger, host).words else nullcontext()
    with waits:
        view = await _await(ledger, host, seconds=_QUESTION_SECONDS, until=differs)
    return JSONResponse({"state": view.state, "words": view.words or ""}, headers={"Cache-Control": "no-store"})


async def _answer(request: Request, ledger: Ledger, settings: RunnerSettings, *, wake: Wake) -> Response:
    host = _host(request)
    view = _view(ledger, host)
    if not view.state.may_run_soon or _wakes_nothing(request):
        return _explain(request, view, settings)
    wake(host)
    if not _is_navigation(request) and _HELD_HEADER not in request.headers:
        view = await _await_end(ledger, host, seconds=settings.hold_seconds)
    if await _is_up(ledger, host, view):
        return _send_back(request, settings)
    return _explain(request, view, settings)


async def _await_end(ledger: Ledger, host: str, *, seconds: float) -> HostView:
    """Until the app is up, or will not be so soon."""

    async def has_ended(view: HostView) -> bool:
        return not view.state.may_run_soon or await _is_up(ledger, host, view)

    with ledger.visitor(host):
        return await _await(ledger, host, seconds=seconds, until=has_ended)


async def _await(
    ledger: Ledger, host: str, *, seconds: float, until: Callable[[HostView], Awaitable[bool]]
) -> HostView:
    end = time.monotonic() + seconds
    while True:
        change, view = ledger.change, _view(ledger, host)
        left = end - time.monotonic()
        if await until(view) or left <= 0:
            return view
        await wait_for(change, min(_LOOK_AGAIN_SECONDS, left))


def _has_come_or_will_not(ledger: Ledger) -> Callable[[HostView], Awaitable[bool]]:
    async def has(view: HostView) -> bool:
        return not view.state.may_run_soon or (view.route is not None and view.route.host in ledger.routes)

    return has


async def _is_up(ledger: Ledger, host: str, view: HostView) -> bool:
    """A route may outlive its app by a moment: sending somebody back to it would be sending them in circles."""
    target = ledger.routes.get(host)
    if view.state is not HostState.RUNNING or target is None:
        return False
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            _, writer = await asyncio.open_connection(target.ip, target.port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _explain(request: Request, view: HostView, settings: RunnerSettings) -> Response:
    if view.route and view.route.leads_to:
        return _send_back(request, settings, host=view.route.leads_to)
    status = 404 if view.state in {HostState.UNKNOWN, HostState.EMPTY} else 503
    if view.state is HostState.RUNNING:  # its route has outlived it
        view = replace(view, state=HostState.STARTING)
    headers = page_headers(view)
    if _is_navigation(request):
        return HTMLResponse(render_page(view, host=_host(request), hub_url=settings.hub_url), status, headers)
    return JSONResponse({"error": sentence_of(view), "state": view.state}, status, headers)


def _send_back(request: Request, settings: RunnerSettings, *, host: str = "") -> Response:
    """To their own address, with method and body: it leads to the app now. Or to the `host` that stands for it."""
    own, colon, port = request.headers.get("x-forwarded-host", "").partition(":")
    host = f"{host or own}{colon}{port}"
    path = request.scope.get("raw_path", b"/").decode("ascii", "replace")
    query = request.scope["query_string"].decode("ascii", "replace")
    url = f"{settings.scheme}://{host}{path}" + (f"?{query}" if query else "")
    return Response(status_code=307, headers={"Location": url, "Cache-Control": "no-store"})


def _view(ledger: Ledger, host: str) -> HostView:
    """Before the first world is known everything may yet come."""
    return ledger.view(host) or HostView(HostState.STARTING)


def _host(request: Request) -> str:
    """The proxy has checked it, and sets this header itself."""
    return request.headers.get("x-forwarded-host", "").partition(":")[0].rstrip(".").lower()


def _method(request: Request) -> str:
    return request.headers.get(_METHOD_HEADER, request.method)


def _patience(request: Request, settings: RunnerSettings) -> float:
    return min(settings.hold_seconds, settings.page_after_seconds) if _is_navigation(request) else settings.hold_seconds


def _wakes_nothing(request: Request) -> bool:
    """The proxy says so of robots, previews, health checks and our own visits (`deploy/proxy/haproxy.cfg`)."""
    return request.headers.get(_HELD_HEADER) == "never"


def _is_navigation(request: Request) -> bool:
    """Somebody looks at the answer. Scripts of a page that accept HTML too say so in Sec-Fetch-Mode."""
    if _method(request) not in {"GET", "HEAD"} or "text/html" not in request.headers.get("accept", ""):
        return False
    return request.headers.get("sec-fetch-mode", "navigate") == "navigate"
