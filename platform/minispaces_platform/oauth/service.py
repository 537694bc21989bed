"""What somebody allowed to a client: consents, and the grants that sign-ins are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from minispaces_platform.access import Actor
from minispaces_platform.accounts.secrets import digest, new_secret
from minispaces_platform.accounts.tokens import OAUTH_HINT
from minispaces_platform.audit import service as audit
from minispaces_platform.database import now
from minispaces_platform.models.accounts import AccessToken, LoginSession, User
from minispaces_platform.models.oauth import OAuthConsent, OAuthDevice, OAuthGrant, OAuthRefreshToken, OAuthToken
from minispaces_platform.oauth import scopes
from minispaces_platform.oauth.clients import Client

CODE_LIFE = timedelta(minutes=5)
_FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Return:
    """How a browser brings a grant's code back to its client."""

    redirect_uri: str
    challenge: str
    nonce: str


def find_consent(session: Session, user: User, client: Client) -> OAuthConsent | None:
    return session.scalar(
        select(OAuthConsent).where(OAuthConsent.user_id == user.id, OAuthConsent.client_id == client.id)
    )


def covers(consent: OAuthConsent | None, asked: tuple[str, ...]) -> bool:
    return consent is not None and set(asked) <= set(scopes.split(consent.scopes))


def allow(session: Session, actor: Actor, client: Client, *, asked: tuple[str, ...]) -> OAuthConsent:
    """Remember it, beside what was allowed before."""
    assert actor.user  # noqa: S101 - only somebody signed in is asked
    consent = find_consent(session, actor.user, client)
    if consent is None:
        space_id = client.space.id if client.space else None
        consent = OAuthConsent(user_id=actor.user.id, client_id=client.id, space_id=space_id, scopes="")
        session.add(consent)
    consent.scopes = scopes.join(scopes.split(f"{consent.scopes} {scopes.join(asked)}"))
    session.flush()
    audit.record(session, actor, "app.allow", client.space or actor.user, client=client.name, scopes=list(asked))
    return consent


def begin_grant(
    session: Session, consent: OAuthConsent, *, asked: tuple[str, ...], signed_in_at: datetime, back: Return
) -> str:
    """A new sign-in's code."""
    code = new_secret()
    session.add(
        OAuthGrant(
            consent_id=consent.id, scopes=scopes.join(asked), signed_in_at=signed_in_at, code_digest=digest(code),
            redirect_uri=back.redirect_uri, challenge=back.challenge, nonce=back.nonce,
        )
    )  # fmt: skip
    return code


def signed_in_at(session: Session, actor: Actor) -> datetime:
    row = session.get(LoginSession, actor.session_id) if actor.session_id else None
    return row.created_at if row else now()


def end_grants(session: Session, *grant_ids: str) -> None:
    """Everything that was issued for them is void from now on."""
    tokens = select(OAuthToken.token_id).where(OAuthToken.grant_id.in_(grant_ids))
    session.execute(delete(AccessToken).where(AccessToken.id.in_(tokens)))
    session.execute(delete(OAuthGrant).where(OAuthGrant.id.in_(grant_ids)))


def revoke(session: Session, actor: Actor, consent: OAuthConsent, *, name: str) -> None:
    """The client knows nothing of them any more, and has to ask again."""
    assert actor.user  # noqa: S101 - it is their own
    end_grants(session, *session.scalars(select(OAuthGrant.id).where(OAuthGrant.consent_id == consent.id)))
    session.delete(consent)
    audit.record(session, actor, "app.revoke", actor.user, client=name)


def forget_expired(session: Session) -> None:
    """Grants with nothing left that is good, and devices that nobody answered."""
    moment = now()
    session.execute(delete(OAuthDevice).where(OAuthDevice.expires_at < moment))
    lost = ~exists().where(OAuthToken.token_id == AccessToken.id)
    over = (AccessToken.expires_at < moment) | lost
    session.execute(delete(AccessToken).where(AccessToken.hint == OAUTH_HINT, over))
    session.execute(delete(OAuthRefreshToken).where(OAuthRefreshToken.expires_at < moment))
    in_use = (exists().where(table.grant_id == OAuthGrant.id) for table in (OAuthToken, OAuthRefreshToken, OAuthDevice))
    session.execute(
        delete(OAuthGrant).where(OAuthGrant.created_at < moment - _FORGOTTEN, *(~found for found in in_use))
    )
