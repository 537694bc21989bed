"""Signing in with a one-time link, and signing out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from minispaces_platform.accounts import account_pages, links, provider_pages, queries, sessions
from minispaces_platform.accounts.oauth import logout_address
from minispaces_platform.accounts.sign_in import enter, local_path, sign_in
from minispaces_platform.accounts.views import LinkView, LoginView, SetupView, way_of
from minispaces_platform.actors import CurrentActor
from minispaces_platform.audit import service as audit
from minispaces_platform.errors import ConflictError, InvalidError, MinispacesError
from minispaces_platform.guard import Everybody
from minispaces_platform.pages import render
from minispaces_platform.parts import PartsDep
from minispaces_platform.session_cookie import drop_session, session_secret

router = APIRouter(include_in_schema=False)
router.include_router(provider_pages.router)
router.include_router(account_pages.router)
ByLink = Depends(Everybody("the secret in the address is the credential"))


class LinkSpentError(MinispacesError):
    status = 410
    code = "link_spent"


@router.get("/login", dependencies=[Depends(Everybody("the ways in"))])
def show_ways_in(
    parts: PartsDep,
    actor: CurrentActor,
    next: str = "/",  # noqa: A002 - the address says so
    out: str = "",
) -> Response:
    """`out` names the provider whose session somebody has just left here, but not there."""
    left = parts.settings.provider(out) if actor.user is None else None
    view = LoginView(
        ways=tuple(way_of(provider, local_path(next)) for provider in parts.settings.providers),
        left=left.title if left else "",
        leave=(left and logout_address(left, parts.directory, back_to=f"{parts.settings.hub_url}/login")) or "",
    )
    return render("accounts/login.html", view, user=actor.user)


@router.get("/login/{secret}", dependencies=[ByLink])
def show_link(secret: str, parts: PartsDep, actor: CurrentActor) -> Response:
    """Only a press of the button uses the link up: chat programs open every link for its preview."""
    with parts.database.reading() as session:
        owner = queries.user_of_login_link(session, secret)
    if owner is None:
        raise _spent()
    response = render("accounts/link.html", LinkView(owner.name, secret, parts.settings.domain), user=actor.user)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/login/{secret}", dependencies=[ByLink])
def use_link(secret: str, request: Request, parts: PartsDep) -> Response:
    with parts.database.writing() as session:
        user = links.redeem_login_link(session, secret)
        made = sign_in(session, request, user, parts.settings) if user else None
    if made is None:
        raise _spent()
    return enter(made, parts.settings)


@router.get("/setup/{secret}", dependencies=[ByLink])
def show_setup(secret: str, parts: PartsDep) -> Response:
    with parts.database.reading() as session:
        if not queries.is_setup_link(session, secret):
            raise _set_up()
    return _setup_page(secret)


@router.post("/setup/{secret}", dependencies=[ByLink])
def set_up(secret: str, request: Request, parts: PartsDep, name: Annotated[str, Form()] = "") -> Response:
    """Make the first admin and sign them in; a bad name gets the form again."""
    try:
        with parts.database.writing() as session:
            user = links.redeem_setup_link(session, secret, name=name.strip())
            made = sign_in(session, request, user, parts.settings) if user else None
    except (InvalidError, ConflictError) as error:
        return _setup_page(secret, name=name, error=f"{error.message} {error.hint}", status=error.status)
    if made is None:
        raise _set_up()
    return enter(made, parts.settings)


def _setup_page(secret: str, *, name: str = "", error: str = "", status: int = 200) -> Response:
    response = render("accounts/setup.html", SetupView(secret, name, error), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/logout", dependencies=[Depends(Everybody("ends the session that is sent along, if any"))])
def sign_out(request: Request, parts: PartsDep, actor: CurrentActor) -> Response:
    """Here; who came through a provider is told how to leave there too."""
    issuer = None
    if secret := session_secret(request, parts.settings):
        with parts.database.writing() as session:
            issuer = sessions.end_session(session, secret)
            if actor.user:
                audit.record(session, actor, "account.sign_out", actor.user)
    provider = next((each for each in parts.settings.providers if each.issuer == issuer), None)
    response = RedirectResponse(f"/login?out={provider.name}" if provider else "/", 303)
    drop_session(response, settings=parts.settings)
    return response


def _set_up() -> LinkSpentError:
    return LinkSpentError(
        "This setup link has been used, or a newer one was made.",
        hint="The link of the last start counts. With an admin already there: minispaces user login-link NAME",
    )


def _spent() -> LinkSpentError:
    return LinkSpentError(
        "This sign-in link has been used, is too old, or was never made.",
        hint=f"A link works once and for {links.LINK_HOURS} hours. Ask your administrator for a new one: "
        "minispaces user login-link NAME",
    )
