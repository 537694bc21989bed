"""Reading what people allowed, for the page where they take it back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_platform.models.accounts import AccessToken, User
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.oauth import OAuthConsent, OAuthGrant, OAuthToken
from minispaces_platform.models.spaces import Space
from minispaces_platform.oauth.clients import TERMINALS


@dataclass(frozen=True, slots=True)
class Connected:
    """`space` is its full name, empty for a program in a terminal."""

    consent: OAuthConsent
    name: str
    space: str
    last_used_at: datetime | None


def list_connected(session: Session, user: User) -> list[Connected]:
    """One statement, however many there are."""
    used = (
        select(func.max(AccessToken.last_used_at))
        .join(OAuthToken, OAuthToken.token_id == AccessToken.id)
        .join(OAuthGrant, OAuthGrant.id == OAuthToken.grant_id)
        .where(OAuthGrant.consent_id == OAuthConsent.id)
    )
    rows = session.execute(
        select(OAuthConsent, Space, Namespace.name, used.scalar_subquery())
        .outerjoin(Space, Space.id == OAuthConsent.space_id)
        .outerjoin(Namespace, Namespace.id == Space.owner_id)
        .where(OAuthConsent.user_id == user.id)
        .order_by(OAuthConsent.created_at.desc())
    )
    return [
        Connected(consent, name_of(consent, space), f"{owner}/{space.name}" if space else "", last_used)
        for consent, space, owner, last_used in rows
    ]


def name_of(consent: OAuthConsent, space: Space | None) -> str:
    if space:
        return space.card.title or space.name
    return TERMINALS[consent.client_id].name if consent.client_id in TERMINALS else consent.client_id


def find_own(session: Session, user: User, consent_id: str) -> OAuthConsent | None:
    return session.scalar(select(OAuthConsent).where(OAuthConsent.id == consent_id, OAuthConsent.user_id == user.id))
