"""One's own account: sessions, ways to sign in, access tokens."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Actor
from minispaces_platform.accounts import identities, queries, sessions, tokens
from minispaces_platform.accounts.attempts import keep_browser_secret
from minispaces_platform.accounts.provider_pages import begin, named_provider
from minispaces_platform.accounts.views import (
    EXPIRIES,
    AccountView,
    Choice,
    GoingView,
    TokenForm,
    identity_view,
    session_view,
    token_view,
)
from minispaces_platform.actors import CurrentActor
from minispaces_platform.audit import service as audit
from minispaces_platform.database import now
from minispaces_platform.errors import ConflictError, InvalidError, NotFoundError
from minispaces_platform.guard import OnAccount
from minispaces_platform.models.accounts import User
from minispaces_platform.models.scopes import Scope
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep

router = APIRouter(include_in_schema=False, prefix="/settings/account")
Me = Annotated[User, Depends(OnAccount())]
_NAME_MAX = 100


@router.get("")
def show_account(me: Me, parts: PartsDep, actor: CurrentActor) -> Response:
    return _page(parts, me, actor, TokenForm())


@router.post("/sessions/{session_id}/end")
def end_session(session_id: str, me: Me, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.writing() as session:
        if sessions.end_one(session, me.id, session_id):
            audit.record(session, actor, "session.end", me, ended=session_id)
    return _back()


@router.post("/sessions/end-others")
def end_other_sessions(me: Me, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.writing() as session:
        sessions.end_all(session, me.id, but=actor.session_id)
        audit.record(session, actor, "session.end_others", me)
    return _back()


@router.post("/identities")
def add_identity(
    me: Me, request: Request, parts: PartsDep, actor: CurrentActor, provider: Annotated[str, Form()] = ""
) -> Response:
    """Begins here and nowhere else: a page of somebody else's must not add an identity of theirs to this account."""
    named = named_provider(provider, parts)
    address, browser = begin(request, parts, named, next_path="/settings/account", user=me)
    response = _secretly(render("accounts/going.html", GoingView(named.title, address), user=actor.user))
    keep_browser_secret(response, browser, settings=parts.settings)
    return response


@router.post("/identities/{identity_id}/remove")
def remove_identity(identity_id: str, me: Me, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.writing() as session:
        mine = identities.identities_of(session, me)
        identity = next((each for each in mine if each.id == identity_id), None)
        if identity is None:
            raise NotFoundError("This is not a way into your account.", hint="It may have been removed already.")
        if len(mine) == 1:
            raise ConflictError(
                "This is the only way into your account, so it stays.", hint="Add another one first, then remove this."
            )
        identities.unlink(session, session.get_one(User, me.id), identity, but=actor.session_id)
    return _back()


@router.post("/tokens")
def make_token(
    me: Me,
    parts: PartsDep,
    actor: CurrentActor,
    *,
    name: Annotated[str, Form()] = "",
    scope: Annotated[str, Form()] = "",
    expiry: Annotated[str, Form()] = "",
    limit: Annotated[str, Form()] = "all",
    space: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """The answer itself shows the token, this once; a reload asks before it makes another."""
    form = TokenForm(name.strip(), scope, expiry, limit == "chosen", frozenset(space or ()))
    try:
        made = _make_token(parts, actor, form)
    except InvalidError as error:
        return _page(parts, me, actor, replace(form, error=f"{error.message} {error.hint}"), status=error.status)
    return _secretly(_page(parts, me, actor, TokenForm(), made=made))


@router.post("/tokens/{token_id}/revoke")
def revoke_token(token_id: str, me: Me, parts: PartsDep, actor: CurrentActor) -> Response:
    with parts.database.writing() as session:
        if token := tokens.revoke_token(session, me, token_id):
            audit.record(session, actor, "token.revoke", me, token=token.hint, name=token.name)
    return _back()


def _make_token(parts: Parts, actor: Actor, form: TokenForm) -> str:
    """Raises InvalidError."""
    _check(form)
    with parts.database.writing() as session:
        me = session.get_one(User, actor.user.id if actor.user else "")
        spaces = [each for each in queries.spaces_of(session, actor) if each.id in form.spaces]
        if form.is_restricted and not spaces:
            raise InvalidError("No Space was chosen.", hint="Choose at least one, or make a token for all of them.")
        made = tokens.create_token(
            session, me, scope=Scope(form.scope), name=form.name,
            expires_at=None if form.expiry == "never" else now() + timedelta(days=int(form.expiry)),
            spaces=spaces if form.is_restricted else None,
        )  # fmt: skip
        names = [each.full_name for each in spaces] if form.is_restricted else None
        audit.record(
            session, actor, "token.create", me, name=form.name, scope=form.scope, expiry=form.expiry, spaces=names
        )
    return made


def _check(form: TokenForm) -> None:
    if not form.name or len(form.name) > _NAME_MAX or not form.name.isprintable():
        raise InvalidError("A token needs a name,", hint=f"of up to {_NAME_MAX} letters, to know it again by.")
    if form.scope not in set(Scope) or form.expiry not in EXPIRIES:
        raise InvalidError("Choose what the token may do, and for how long.")
    if form.spaces and not form.is_restricted:
        raise InvalidError("Spaces are chosen, and the token is for everything.", hint="Choose one or the other.")


def _page(parts: Parts, me: User, actor: Actor, form: TokenForm, *, made: str = "", status: int = 200) -> Response:
    titles = {provider.issuer: provider.title for provider in parts.settings.providers}
    with parts.database.reading() as session:
        mine = identities.identities_of(session, me)
        limits = queries.spaces_of_tokens(session, me)
        view = AccountView(
            sessions=tuple(
                session_view(row, titles, current=actor.session_id) for row in sessions.sessions_of(session, me.id)
            ),
            identities=tuple(identity_view(row, titles) for row in mine),
            may_remove=len(mine) > 1,
            providers=tuple(Choice(each.name, each.title) for each in parts.settings.providers),
            tokens=tuple(token_view(row, limits.get(row.id, ()), at=now()) for row in tokens.list_tokens(session, me)),
            spaces=tuple(
                Choice(each.id, each.full_name, each.id in form.spaces) for each in queries.spaces_of(session, actor)
            ),
            expiries=tuple(Choice(value, label, value == form.expiry) for value, label in EXPIRIES.items()),
            form=form,
            made=made,
        )
    return render("accounts/account.html", view, user=me, status=status)


def _secretly(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _back() -> Response:
    return RedirectResponse("/settings/account", 303)
