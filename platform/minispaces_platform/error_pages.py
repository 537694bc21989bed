"""Errors as the client can read them: a page for browsers, JSON for programs, plain text for git and terminals."""

from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from minispaces_platform.errors import InvalidError, MinispacesError, MovedError, SignInNeededError
from minispaces_platform.outages import outage_of
from minispaces_platform.pages import render

Flavour = Literal["html", "json", "text"]

_log = structlog.get_logger()


class UnexpectedError(MinispacesError):
    status = 500
    code = "unexpected"


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    code: str
    message: str
    hint: str
    request_id: str
    sign_in: str = ""
    """Where to sign in and come back from, when that is what is missing."""


def flavour(request: Request) -> Flavour:
    accept = request.headers.get("accept", "")
    if request.url.path.startswith(("/api/", "/internal/")):
        return "json"
    if request.headers.get("user-agent", "").startswith("git/"):
        return "text"
    if "text/html" in accept:
        return "html"
    return "json" if "json" in accept else "text"


def error_response(request: Request, error: MinispacesError) -> Response:
    request_id = request.scope.get("request_id", "")
    problem = Problem(error.status, error.code, error.message, error.hint, request_id, sign_in_path(request, error))
    response = _written(problem, flavour(request))
    response.headers["Cache-Control"] = "no-store"
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.status == HTTPStatus.UNAUTHORIZED and flavour(request) != "html":
        response.headers["WWW-Authenticate"] = 'Basic realm="Minispaces"'
    return response


def sign_in_path(request: Request, error: MinispacesError) -> str:
    """Empty unless signing in would help."""
    if error.status != HTTPStatus.UNAUTHORIZED:
        return ""
    query = f"?{request.url.query}" if request.url.query else ""
    back = request.url.path + query
    return f"/login?next={quote(back, safe='')}" if request.method == "GET" and back != "/" else "/login"


def _written(problem: Problem, kind: Flavour) -> Response:
    match kind:
        case "html":
            return render("errors/problem.html", problem, status=problem.status)
        case "json":
            shown = {key: value for key, value in asdict(problem).items() if key not in {"status", "sign_in"}}
            return JSONResponse({"error": shown}, problem.status)
        case "text":
            lines = (problem.message, problem.hint, problem.request_id and f"Request {problem.request_id}")
            return PlainTextResponse("\n".join(filter(None, lines)) + "\n", problem.status)


def unexpected(request: Request, error: Exception) -> Response:
    """Log everything, tell the person only the id under which it was logged, or that a part is away."""
    if outage := outage_of(error):
        _log.warning("part_away", path=request.url.path, code=outage.code, reason=str(error)[:300])
        return error_response(request, outage)
    _log.error("unexpected_error", path=request.url.path, exc_info=error)
    return error_response(
        request,
        UnexpectedError(
            "Something went wrong on our side.",
            hint="Try again. If it stays, give your administrator the id below: the log has the reason.",
        ),
    )


def install_error_pages(app: FastAPI) -> None:
    app.add_exception_handler(MinispacesError, _on_known)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)


async def _on_known(request: Request, error: Exception) -> Response:
    assert isinstance(error, MinispacesError)  # noqa: S101 - Starlette types every handler for plain Exception
    if isinstance(error, MovedError):
        return RedirectResponse(error.location, error.status)
    if isinstance(error, SignInNeededError) and _is_strangers_visit(request):
        return RedirectResponse(sign_in_path(request, error), 303)
    return error_response(request, error)


def _is_strangers_visit(request: Request) -> bool:
    """Somebody who opens a page of an installation that stays inside."""
    inside = not request.app.state.parts.settings.public_spaces
    return inside and request.method == "GET" and flavour(request) == "html" and "authorization" not in request.headers


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    known = MinispacesError(_WORDS.get(error.status_code, f"{error.detail}."), hint=_HINTS.get(error.status_code, ""))
    known.status, known.code = error.status_code, HTTPStatus(error.status_code).name.lower()
    response = error_response(request, known)
    response.headers.update(error.headers or {})
    return response


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:])
    return error_response(request, InvalidError(f"{field or 'The request'}: {first['msg']}."))


_WORDS = {404: "There is nothing at this address.", 405: "This address does not take that method."}
_HINTS = {404: "Check the address, or start from the list of Spaces."}
