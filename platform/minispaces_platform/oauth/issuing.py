"""Turning a code, a refresh token or an allowed device into tokens. Whatever is good once is taken by whoever is first.

Each of these answers None for what is no good, and may have ended the grant then: that has to be committed.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session, joinedload

from minispaces_platform.accounts import tokens
from minispaces_platform.accounts.secrets import OAUTH_PREFIX, digest, new_secret
from minispaces_platform.actors import actor_of_user
from minispaces_platform.database import now
from minispaces_platform.errors import MinispacesError
from minispaces_platform.models.accounts import User
from minispaces_platform.models.oauth import OAuthGrant, OAuthRefreshToken, OAuthToken
from minispaces_platform.models.scopes import Scope
from minispaces_platform.oauth import claims, scopes
from minispaces_platform.oauth.clients import Client, admit
from minispaces_platform.oauth.errors import OAuthError
from minispaces_platform.oauth.service import CODE_LIFE, end_grants
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.signing import sign

REFRESH_LIFE = timedelta(days=180)
_OVERLAP = timedelta(minutes=1)
"""Two processes of one person may refresh at once; a second use after that is a theft."""
REFRESH_PREFIX = "msp_refresh_"


@dataclass(frozen=True, slots=True)
class Caller:
    """A client at the token endpoint; `proven` when it sent its secret."""

    client: Client
    proven: bool

    @property
    def keeps_secrets(self) -> bool:
        """A page in a browser does not: it gets no refresh token."""
        return self.proven or self.client.space is None


def redeem_code(
    session: Session, caller: Caller, settings: PlatformSettings, *, code: str, redirect_uri: str, verifier: str
) -> dict[str, Any] | None:
    grant = find_grant(session, OAuthGrant.code_digest == digest(code))
    if grant is None or grant.consent.client_id != caller.client.id:
        return None
    if grant.redeemed_at:
        end_grants(session, grant.id)
        return None
    good = grant.redirect_uri == redirect_uri and now() - grant.created_at < CODE_LIFE
    if not good or not _is_proven(caller, grant.challenge, verifier) or not _take(session, grant):
        return None
    return issue(session, caller, settings, grant=grant)


def _is_proven(caller: Caller, challenge: str, verifier: str) -> bool:
    """PKCE when the code was asked for with it, and then only; without it, the secret (RFC 9700 2.1.1)."""
    if not challenge:
        return caller.proven and not verifier
    sent = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(sent, challenge.encode())


def _take(session: Session, grant: OAuthGrant) -> bool:
    taken = session.execute(
        update(OAuthGrant).where(OAuthGrant.id == grant.id, OAuthGrant.redeemed_at.is_(None)).values(redeemed_at=now())
    )
    return _changed(taken)


def refresh(
    session: Session, caller: Caller, settings: PlatformSettings, *, token: str, asked: str
) -> dict[str, Any] | None:
    """Raises OAuthError for more than was granted."""
    row = session.get(OAuthRefreshToken, digest(token))
    grant = find_grant(session, OAuthGrant.id == row.grant_id) if row else None
    if row is None or grant is None or grant.consent.client_id != caller.client.id or not caller.keeps_secrets:
        return None
    if row.used_at or row.expires_at < now():
        if row.used_at and now() - row.used_at > _OVERLAP:
            end_grants(session, grant.id)
        return None
    if not set(asked.split()) <= set(scopes.split(grant.scopes)):
        raise OAuthError("invalid_scope", "A refresh cannot ask for more than was granted.")
    used = update(OAuthRefreshToken).where(OAuthRefreshToken.digest == row.digest, OAuthRefreshToken.used_at.is_(None))
    if not _changed(session.execute(used.values(used_at=now()))):
        return None
    return issue(session, caller, settings, grant=grant, narrowed=asked)


def issue(
    session: Session, caller: Caller, settings: PlatformSettings, *, grant: OAuthGrant, narrowed: str = ""
) -> dict[str, Any] | None:
    """The token endpoint's answer (RFC 6749 5.1). None when the person has lost the right to sign in there."""
    user = session.get_one(User, grant.consent.user_id)
    person = claims.look_up(session, user)
    if not _may_enter(session, caller.client, person):
        return None
    granted = scopes.join(scopes.split(narrowed)) or grant.scopes
    token = _new_token(session, user, caller.client, grant=grant, granted=granted)
    about = claims.claims_of(person, granted, settings)
    id_token = claims.id_token_claims(grant, caller.client.id, about=about, token=token, settings=settings)
    answer = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": int(caller.client.lifetime.total_seconds()),
        "scope": granted,
        "id_token": sign(settings, id_token),
    }
    return answer | ({"refresh_token": _new_refresh_token(session, grant)} if caller.keeps_secrets else {})


def _may_enter(session: Session, client: Client, person: claims.Person) -> bool:
    if person.user.suspended_at:
        return False
    try:
        admit(client, actor_of_user(session, person.user), [found for found, _role in person.organizations])
    except MinispacesError:
        return False
    return True


def _new_token(session: Session, user: User, client: Client, *, grant: OAuthGrant, granted: str) -> str:
    scope = scopes.token_scope(granted.split())
    row, token = tokens.add_token(
        session, user, scope=scope or Scope.READ, name=client.name[:100], prefix=OAUTH_PREFIX,
        expires_at=now() + client.lifetime, spaces=None if scope else (),
    )  # fmt: skip
    session.add(OAuthToken(token_id=row.id, grant_id=grant.id, client_id=client.id, scopes=granted))
    return token


def _new_refresh_token(session: Session, grant: OAuthGrant) -> str:
    token = f"{REFRESH_PREFIX}{new_secret()}"
    session.add(OAuthRefreshToken(digest=digest(token), grant_id=grant.id, expires_at=now() + REFRESH_LIFE))
    return token


def withdraw(session: Session, caller: Caller, token: str) -> None:
    """RFC 7009: an access token alone, or with a refresh token all of its grant. What is not the client's stays."""
    if row := session.get(OAuthRefreshToken, digest(token)):
        grant = find_grant(session, OAuthGrant.id == row.grant_id)
        if grant and grant.consent.client_id == caller.client.id:
            end_grants(session, grant.id)
        return
    found = tokens.find_token(session, token)
    issued = session.get(OAuthToken, found.id) if found else None
    if found and issued and issued.client_id == caller.client.id:
        session.delete(found)


def find_grant(session: Session, where: Any) -> OAuthGrant | None:
    return session.scalar(select(OAuthGrant).options(joinedload(OAuthGrant.consent)).where(where))


def _changed(result: Any) -> bool:
    """Whether we were the first."""
    assert isinstance(result, CursorResult)  # noqa: S101 - what an UPDATE gives
    return result.rowcount == 1
