"""What every way in ends with: a new session, whatever session there was before, and the page one came for."""

from urllib.parse import unquote, urlsplit

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from minispaces_platform.accounts import sessions
from minispaces_platform.actors import refuse_suspended
from minispaces_platform.audit import service as audit
from minispaces_platform.models.accounts import User
from minispaces_platform.session_cookie import keep_session, session_secret
from minispaces_platform.settings import PlatformSettings

_PATH_MAX = 2000


def sign_in(
    session: Session, request: Request, user: User, settings: PlatformSettings, *, issuer: str | None = None
) -> str:
    """The new session's secret. Raises ForbiddenError for somebody suspended."""
    refuse_suspended(user)
    if before := session_secret(request, settings):
        sessions.end_session(session, before)
    audit.record(session, audit.acting(user), "account.sign_in", user, issuer=issuer or "one-time link")
    return sessions.start_session(
        session, user.id, issuer=issuer, user_agent=request.headers.get("user-agent", ""),
        address=audit.ORIGIN.get().address,
    )  # fmt: skip


def enter(secret: str, settings: PlatformSettings, *, to: str = "/") -> Response:
    """Carry the cookie, and lead to a page of the hub."""
    response = RedirectResponse(local_path(to), 303)
    keep_session(response, secret, settings=settings)
    return response


def local_path(wanted: str) -> str:
    """`wanted` if it can only be a path of this host, else `/`.

    Browsers read two slashes of either kind as the beginning of another host's address.
    """
    if not wanted.startswith("/") or len(wanted) > _PATH_MAX or not wanted.isascii() or not wanted.isprintable():
        return "/"
    parts = urlsplit(wanted)
    begins_another = any(form.startswith(("//", "/\\")) for form in (wanted, unquote(wanted)))
    return "/" if parts.scheme or parts.netloc or "\\" in wanted or begins_another else wanted
