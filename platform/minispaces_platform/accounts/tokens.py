"""Access tokens: for git, the API and apps."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from minispaces_platform.accounts.secrets import digest, is_well_formed, new_token
from minispaces_platform.database import now
from minispaces_platform.models.accounts import AccessToken, AccessTokenSpace, User
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Space

USED_EVERY = timedelta(minutes=1)
"""How exact `last_used_at` is: a write per request would be too dear."""
_HINT_LENGTH = 9


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
    token = new_token()
    row = AccessToken(
        user_id=user.id, scope=scope, name=name, hint=token[:_HINT_LENGTH], digest=digest(token),
        expires_at=expires_at, restricted=spaces is not None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(AccessTokenSpace(token_id=row.id, space_id=space.id) for space in spaces or ())
    return token


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
    tokens = select(AccessToken).where(AccessToken.user_id == user.id).order_by(AccessToken.id.desc())
    return list(session.scalars(tokens))
