"""Who asks: a request's credentials, over whatever carrier, become one `Actor`.

An `Authorization` header always decides, and the cookie beside it is not looked at: a page of somebody else's can
make a browser send our cookie, but never that header.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import anyio.to_thread
from fastapi import Depends, Request
from sqlalchemy import select, union_all, update
from sqlalchemy.orm import Session

from minispaces_platform.access import Actor, Carrier
from minispaces_platform.accounts import sessions, tokens
from minispaces_platform.accounts.tokens import OAUTH_HINT, USED_EVERY
from minispaces_platform.around import note_unread
from minispaces_platform.audit.service import ORIGIN
from minispaces_platform.database import now
from minispaces_platform.errors import ForbiddenError, SignInNeededError
from minispaces_platform.limits import limit_where_counted
from minispaces_platform.models.accounts import AccessToken, LoginSession, User
from minispaces_platform.models.namespaces import FormerName, Membership
from minispaces_platform.models.oauth import OAuthToken
from minispaces_platform.models.roles import Role
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Collaborator
from minispaces_platform.notifications.queries import count_unread
from minispaces_platform.oauth.clients import find_client
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.session_cookie import session_secret
from minispaces_platform.settings import PlatformSettings

_CREDENTIALS_MAX = 4096
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_STILL_OPEN = ("/login", "/logout")
"""During maintenance: admins must get in."""
BAD_TOKENS_MOST = 100
"""From one address in ten minutes."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """`name` is empty where the carrier has none."""

    carrier: Carrier
    secret: str
    name: str = ""


def credentials_of(authorization: str) -> Credentials:
    """From `Authorization: Bearer token` or `Basic user:token` (git's way; some clients send the token as the user)."""
    scheme, _, value = authorization[:_CREDENTIALS_MAX].partition(" ")
    if scheme.lower() == "bearer":
        return Credentials(Carrier.BEARER, value.strip())
    try:
        name, _, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        name = token = ""
    return Credentials(Carrier.BASIC, token, name) if token else Credentials(Carrier.BASIC, name)


def user_of(actor: Actor, *, hint: str = "Sign in, then try again.") -> User:
    """Raises SignInNeededError for a stranger."""
    if actor.user is None:
        raise SignInNeededError("You are not signed in.", hint=hint)
    return actor.user


def nobody(settings: PlatformSettings) -> Actor:
    return Actor(welcome=settings.public_spaces)


def actor_of_header(parts: Parts, session: Session, authorization: str) -> Actor:
    """Raises as `actor_of_token`, and TooManyError for an address that goes on guessing; only bad ones count."""
    try:
        return actor_of_token(session, credentials_of(authorization))
    except SignInNeededError:
        limit_where_counted(parts, "bad-token", ORIGIN.get().address, most=BAD_TOKENS_MOST)
        raise


def actor_of_token(session: Session, credentials: Credentials) -> Actor:
    """Raises SignInNeededError for a token that is no good, ForbiddenError for one of somebody suspended."""
    token = tokens.find_token(session, credentials.secret) if credentials.secret else None
    if token is None:
        raise SignInNeededError("This access token is not valid.", hint="Make one: minispaces token create NAME")
    user = session.get_one(User, token.user_id)
    if credentials.name and not _may_be_called(session, user, credentials.name):
        raise SignInNeededError(
            f"This access token is not {credentials.name[:63]!r}'s.", hint="Use the token's own user name."
        )
    refuse_suspended(user)
    return Actor(
        user, Scope(token.scope), credentials.carrier, roles_of(session, user), tokens.spaces_of(session, token),
        token_id=token.id, last_used=token.last_used_at or token.created_at,
        delegated=_is_delegated(session, token),
    )  # fmt: skip


def _is_delegated(session: Session, token: AccessToken) -> bool:
    """Whether it was issued to somebody's app. Raises SignInNeededError when that was ended, or the app was."""
    if token.hint != OAUTH_HINT:
        return False
    issued = session.get(OAuthToken, token.id)
    client = find_client(session, issued.client_id) if issued else None
    if client is None:
        raise SignInNeededError("This access token's app does not sign people in any more.")
    return client.space is not None


def _may_be_called(session: Session, user: User, name: str) -> bool:
    """huggingface_hub stores git credentials for `hf_user`, whoever it is; a remote may keep a former name."""
    if name.lower() in {user.name.lower(), "hf_user", "user"}:
        return True
    former = session.get(FormerName, name.lower())
    return former is not None and former.namespace_id == user.id


def actor_of_session(session: Session, secret: str) -> Actor | None:
    row = sessions.find_session(session, secret)
    if row is None:
        return None
    user = session.get_one(User, row.user_id)
    if user.suspended_at:
        return None
    return Actor(
        user, Scope.WRITE, Carrier.COOKIE, roles_of(session, user), session_id=row.id, last_used=row.last_seen_at
    )


def actor_of_user(session: Session, user: User) -> Actor:
    """Somebody as they are, with everything that they may do; for questions about them, not for their requests."""
    return Actor(user, Scope.WRITE, Carrier.COOKIE, roles_of(session, user))


def refuse_suspended(user: User) -> None:
    """Raises ForbiddenError."""
    if user.suspended_at:
        raise ForbiddenError(
            f"The account {user.name} is suspended: {user.suspended_reason or 'no reason was given'}.",
            hint="Ask an administrator of this installation.",
        )


def roles_of(session: Session, user: User) -> Mapping[str, Role]:
    """By the id of the organisation or Space. One statement."""
    rows = session.execute(
        union_all(
            select(Membership.organization_id, Membership.role).where(Membership.user_id == user.id),
            select(Collaborator.space_id, Collaborator.role).where(Collaborator.user_id == user.id),
        )
    )
    return {row[0]: Role(row[1]) for row in rows}


async def asking_actor(request: Request, parts: PartsDep) -> Actor:
    """A change of threads takes longer than to see that nobody is signed in, as of most visitors."""
    if _is_stranger(request, parts):
        return nobody(parts.settings)
    return await anyio.to_thread.run_sync(current_actor, request, parts)


def _is_stranger(request: Request, parts: Parts) -> bool:
    return not request.headers.get("authorization") and not session_secret(request, parts.settings)


def current_actor(request: Request, parts: Parts) -> Actor:
    """Call it in a thread."""
    if _is_stranger(request, parts):
        return nobody(parts.settings)
    authorization, secret = request.headers.get("authorization", ""), session_secret(request, parts.settings)
    with parts.database.reading() as session:
        if authorization:
            actor = actor_of_header(parts, session, authorization)
        else:
            actor = (actor_of_session(session, secret) if secret else None) or nobody(parts.settings)
            if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
                note_unread(count_unread(session, actor))
    if request.method not in _READING and not request.url.path.startswith(_STILL_OPEN):
        parts.board.refuse_changes(actor)
    if actor.last_used is not None and now() - actor.last_used > USED_EVERY:
        _note_use(parts, actor)
    return actor


def _note_use(parts: Parts, actor: Actor) -> None:
    """What its owner sees in the list of tokens or sessions."""
    with parts.database.writing() as session:
        if actor.session_id:
            session.execute(update(LoginSession).where(LoginSession.id == actor.session_id).values(last_seen_at=now()))
        elif actor.token_id:
            session.execute(update(AccessToken).where(AccessToken.id == actor.token_id).values(last_used_at=now()))


CurrentActor = Annotated[Actor, Depends(asking_actor)]
