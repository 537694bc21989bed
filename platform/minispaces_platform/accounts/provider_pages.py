"""Out to a sign-in provider and back."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request
from sqlalchemy.exc import IntegrityError
from starlette.responses import RedirectResponse, Response

from minispaces_platform.accounts import identities, oauth
from minispaces_platform.accounts.attempts import (
    ATTEMPT_MINUTES,
    Attempt,
    begin_attempt,
    browser_secret,
    keep_browser_secret,
    take_attempt,
)
from minispaces_platform.accounts.claims import Person
from minispaces_platform.accounts.provider_client import BadAnswerError
from minispaces_platform.accounts.providers import Provider
from minispaces_platform.accounts.sign_in import enter, local_path, sign_in
from minispaces_platform.actors import CurrentActor
from minispaces_platform.errors import ForbiddenError, MinispacesError, NotFoundError
from minispaces_platform.guard import Everybody
from minispaces_platform.models.accounts import User
from minispaces_platform.models.attempts import SignInAttempt
from minispaces_platform.parts import Parts, PartsDep

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)
_ACCOUNT = "/settings/account"


class SignInFailedError(MinispacesError):
    status = 400
    code = "sign_in_failed"


def named_provider(provider: str, parts: PartsDep) -> Provider:
    """Raises NotFoundError."""
    if found := parts.settings.provider(provider):
        return found
    raise NotFoundError("There is no such way to sign in.", hint="The ways that there are stand on the sign-in page.")


Named = Annotated[Provider, Depends(named_provider)]


@router.get("/login/with/{provider}", dependencies=[Depends(Everybody("one of the ways in"))])
def go_to_provider(provider: Named, request: Request, parts: PartsDep, next: str = "/") -> Response:  # noqa: A002 - the address says so
    address, browser = begin(request, parts, provider, next_path=local_path(next))
    response = RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})
    keep_browser_secret(response, browser, settings=parts.settings)
    return response


@router.get(
    "/login/with/{provider}/callback", dependencies=[Depends(Everybody("the provider's answer is the credential"))]
)
def come_back(provider: Named, request: Request, parts: PartsDep, actor: CurrentActor) -> Response:
    attempt = Attempt(browser_secret(request, parts.settings) or "", request.query_params.get("state", ""))
    with parts.database.writing() as session:
        begun = take_attempt(session, attempt, provider=provider.name)
    if begun is None:
        raise _not_begun_here()
    if begun.user_id is not None and (actor.user is None or actor.user.id != begun.user_id or not actor.session_id):
        raise SignInFailedError("You were signed out meanwhile, so nothing was added to an account.", hint=_AGAIN)
    person = _prove(provider, request, parts, attempt)
    if begun.user_id is not None and actor.user is not None:
        return _link(provider, parts, person, user_id=actor.user.id)
    return _sign_in(provider, request, parts, person, begun)


def begin(
    request: Request, parts: Parts, provider: Provider, *, next_path: str, user: User | None = None
) -> tuple[str, str]:
    """The provider's address to go to, and the secret for the browser's cookie."""
    with parts.database.writing() as session:
        attempt = begin_attempt(
            session, browser_secret(request, parts.settings), provider=provider.name, next_path=next_path,
            user_id=user.id if user else None,
        )  # fmt: skip
    try:
        address = oauth.address_to_begin(provider, parts.directory, attempt, redirect_uri=_callback(parts, provider))
    except BadAnswerError as error:
        raise _refused(provider, error) from error
    return address, attempt.browser


def _prove(provider: Provider, request: Request, parts: Parts, attempt: Attempt) -> Person:
    answer = dict(request.query_params)
    if answer.get("error") == "access_denied":
        raise SignInFailedError(f"You were not signed in: {provider.title} says that you declined.", hint=_AGAIN)
    try:
        if not answer.get("code"):
            raise BadAnswerError(f"the callback has no code; error {answer.get('error', '')[:80]!r}")  # noqa: TRY301 - refused as all bad answers are
        return oauth.finish(
            provider, parts.directory, attempt, answer=answer, redirect_uri=_callback(parts, provider)
        )  # fmt: skip
    except BadAnswerError as error:
        raise _refused(provider, error) from error


def _sign_in(provider: Provider, request: Request, parts: Parts, person: Person, begun: SignInAttempt) -> Response:
    """Somebody new in two browsers at once: the one who comes second finds the account."""
    try:
        made = _sign_in_once(provider, request, parts, person)
    except IntegrityError:
        made = _sign_in_once(provider, request, parts, person)
    return enter(made, parts.settings, to=begun.next_path)


def _sign_in_once(provider: Provider, request: Request, parts: Parts, person: Person) -> str:
    try:
        with parts.database.writing() as session:
            user = identities.user_of(session, provider, person)
            return sign_in(session, request, user, parts.settings, issuer=provider.issuer)
    except ForbiddenError as error:
        log.warning("sign_in_refused", provider=provider.name, reason=error.message)
        raise


def _link(provider: Provider, parts: Parts, person: Person, *, user_id: str) -> Response:
    with parts.database.writing() as session:
        identities.link(session, session.get_one(User, user_id), provider, person)
    return RedirectResponse(_ACCOUNT, 303)


def _callback(parts: Parts, provider: Provider) -> str:
    return f"{parts.settings.hub_url}/login/with/{provider.name}/callback"


def _not_begun_here() -> SignInFailedError:
    return SignInFailedError(
        "This sign-in was not begun in this browser, has been finished already, or took too long.",
        hint=f"One takes {ATTEMPT_MINUTES} minutes at most, and the browser must accept cookies. {_AGAIN}",
    )


def _refused(provider: Provider, error: BadAnswerError) -> SignInFailedError:
    log.warning("sign_in_refused", provider=provider.name, reason=str(error))
    return SignInFailedError(
        f"{provider.title} gave an answer that cannot be trusted, so nobody was signed in.",
        hint=f"{_AGAIN} If it stays, give your administrator the id below: the log has the reason.",
    )


_AGAIN = "Begin again on the sign-in page."
