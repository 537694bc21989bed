"""What an app is told about a person: the claims of the id_token, and of the userinfo endpoint (hf-compat 2.14)."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_platform.database import now
from minispaces_platform.models.accounts import Identity, User
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.oauth import OAuthGrant
from minispaces_platform.models.roles import Role
from minispaces_platform.oauth import scopes
from minispaces_platform.settings import PlatformSettings

ID_TOKEN_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Person:
    user: User
    email: str
    organizations: tuple[tuple[Organization, Role], ...]


def look_up(session: Session, user: User) -> Person:
    email = session.scalar(
        select(Identity.email)
        .where(Identity.user_id == user.id, Identity.email != "")
        .order_by(Identity.last_login_at.desc())
    )
    return Person(user, email or "", tuple(memberships_of(session, user)))


def memberships_of(session: Session, user: User) -> list[tuple[Organization, Role]]:
    rows = session.execute(
        select(Organization, Membership.role)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.user_id == user.id)
        .order_by(Organization.name)
    )
    return [(organization, role) for organization, role in rows]


def claims_of(person: Person, granted: str, settings: PlatformSettings) -> dict[str, Any]:
    """An e-mail is passed on as the sign-in provider gave it, which proves nothing."""
    user, hub, asked = person.user, settings.hub_url, scopes.split(granted)
    email = {"email": person.email, "email_verified": False} if "email" in asked and person.email else {}
    roles = "read-memberships" in asked
    return {
        "sub": user.id,
        "name": user.full_name or user.name,
        "preferred_username": user.name,
        "profile": f"{hub}/{user.name}",
        "picture": picture_of(user.name, settings),
        "website": "",
        "isPro": False,
        **email,
        "orgs": [_organization(found, role if roles else None, settings) for found, role in person.organizations],
    }


def picture_of(name: str, settings: PlatformSettings) -> str:
    return f"{settings.hub_url}/avatars/{name}.svg"


def _organization(organization: Organization, role: Role | None, settings: PlatformSettings) -> dict[str, Any]:
    return {
        "sub": organization.id,
        "name": organization.full_name or organization.name,
        "preferred_username": organization.name,
        "picture": picture_of(organization.name, settings),
        "isEnterprise": False,
    } | ({"roleInOrg": role.value} if role else {})


def id_token_claims(
    grant: OAuthGrant, client_id: str, *, about: Mapping[str, Any], token: str, settings: PlatformSettings
) -> dict[str, Any]:
    """OpenID Connect Core 2; `about` is `claims_of`, `token` the access token issued beside it."""
    moment = now()
    return {
        **about,
        "iss": settings.hub_url,
        "aud": client_id,
        "iat": int(moment.timestamp()),
        "exp": int((moment + ID_TOKEN_LIFE).timestamp()),
        "auth_time": int(grant.signed_in_at.timestamp()),
        "at_hash": _half_hash(token),
    } | ({"nonce": grant.nonce} if grant.nonce else {})


def _half_hash(token: str) -> str:
    half = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()
