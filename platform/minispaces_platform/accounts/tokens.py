"""Access tokens: for git, the API and apps."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from minispaces_platform.accounts.secrets import OAUTH_PREFIX, TOKEN_PREFIX, digest, is_well_formed, new_token
from minispaces_platform.database import now
from minispaces_platform.models.accounts import AccessToken, AccessTokenSpace, User
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Space

USED_EVERY = timedelta(minutes=1)
"""How exact `last_used_at` is: a write per request would be too dear."""
HINT_LENGTH = 9
OAUTH_HINT = OAUTH_PREFIX[:HINT_LENGTH]
"""How all tokens begin that were issued to apps."""


def create_token(
    session: Session,
    user: User,
    *,
    scope: Scope,
    name: str = "",
    expires_at: datetime | None = None,
    spaces: Iterable[Space] | None = None,
) -> str:
    """The token, to be shown this once. With `spaces` it is good for those only."""
    return add_token(session, user, scope=scope, name=name, expires_at=expires_at, spaces=spaces)[1]


def add_token(
    session: Session,
    user: User,
    *,
    scope: Scope,
    name: str,
    expires_at: datetime | None,
    spaces: Iterable[Space] | None,
    prefix: str = TOKEN_PREFIX,
) -> tuple[AccessToken, str]:
    """Its row, and the token itself."""
    token = new_token(prefix)
    row = AccessToken(
        user_id=user.id, scope=scope, name=name, hint=token[:HINT_LENGTH], digest=digest(token),
        expires_at=expires_at, restricted=spaces is not None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(AccessTokenSpace(token_id=row.id, space_id=space.id) for space in spaces or ())
    return row, token


def find_token(session: Session, token: str) -> AccessToken | None:
    """One that is good now."""
    if not is_well_formed(token):
        return None
    return session.scalar(
        select(AccessToken).where(
            AccessToken.digest == digest(token), or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > now())
        )
    )


def spaces_of(session: Session, token: AccessToken) -> frozenset[str] | None:
    """What a restricted token is good for; None for all."""
    if not token.restricted:
        return None
    spaces = select(AccessTokenSpace.space_id).where(AccessTokenSpace.token_id == token.id)
    return frozenset(session.scalars(spaces))


def list_tokens(session: Session, user: User) -> list[AccessToken]:
    """Those that they made themselves; what was issued to apps stands with the apps."""
    own = (AccessToken.user_id == user.id) & (AccessToken.hint != OAUTH_HINT)
    tokens = select(AccessToken).where(own).order_by(AccessToken.id.desc())
    return list(session.scalars(tokens))


def revoke_token(session: Session, user: User, token_id: str) -> AccessToken | None:
    """What was revoked, good for nothing from now on; None if there is no such token of theirs."""
    token = session.scalar(select(AccessToken).where(AccessToken.id == token_id, AccessToken.user_id == user.id))
    if token:
        session.delete(token)
    return token
