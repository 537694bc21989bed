"""The cookie that carries a login session."""

from fastapi import Request
from starlette.responses import Response

from minispaces_platform.accounts.sessions import SESSION_DAYS
from minispaces_platform.settings import PlatformSettings


def cookie_name(settings: PlatformSettings) -> str:
    """With `__Host-` a browser takes the cookie from this very host only, so that no app can plant one."""
    return "__Host-minispaces" if settings.scheme == "https" else "minispaces_session"


def session_secret(request: Request, settings: PlatformSettings) -> str | None:
    return sole_cookie(request, cookie_name(settings))


def sole_cookie(request: Request, name: str) -> str | None:
    """None also when two cookies claim the name: one of them was planted, and nothing tells which."""
    pairs = (pair.split("=", 1) for line in request.headers.getlist("cookie") for pair in line.split(";"))
    found = [pair[1].strip() for pair in pairs if len(pair) > 1 and pair[0].strip() == name]
    return found[0] if len(found) == 1 else None


def keep_session(response: Response, secret: str, *, settings: PlatformSettings) -> None:
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=SESSION_DAYS * 24 * 3600,
        secure=settings.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def drop_session(response: Response, *, settings: PlatformSettings) -> None:
    response.delete_cookie(cookie_name(settings), secure=settings.scheme == "https", httponly=True, samesite="lax")
