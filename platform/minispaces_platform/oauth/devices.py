"""The device flow (RFC 8628): a program without a browser shows a code that its person types on a page of ours."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from minispaces_platform.access import Actor
from minispaces_platform.accounts.secrets import digest, new_secret
from minispaces_platform.audit import service as audit
from minispaces_platform.database import now
from minispaces_platform.models.oauth import OAuthDevice, OAuthGrant
from minispaces_platform.oauth import issuing, scopes
from minispaces_platform.oauth.clients import Client
from minispaces_platform.oauth.errors import OAuthError
from minispaces_platform.oauth.issuing import Caller
from minispaces_platform.oauth.service import allow
from minispaces_platform.settings import PlatformSettings

LIFE = timedelta(minutes=15)
INTERVAL = 5
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so no words; no digits, so nothing that looks like a letter."""
_CODE_LENGTH = 8


def begin(session: Session, client: Client, settings: PlatformSettings, *, asked: str) -> dict[str, Any]:
    """RFC 8628 3.2. Raises OAuthError for scopes that are not the client's."""
    wanted = scopes.split(asked) or client.scopes
    if not set(wanted) <= set(client.scopes):
        raise OAuthError("invalid_scope", f"This client may ask for: {scopes.join(client.scopes)}.")
    device_code, user_code = new_secret(), "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    session.add(
        OAuthDevice(
            digest=digest(device_code), user_code=user_code, client_id=client.id, scopes=scopes.join(wanted),
            address=audit.ORIGIN.get().address, interval=INTERVAL, expires_at=now() + LIFE,
        )
    )  # fmt: skip
    page = f"{settings.hub_url}/device"
    return {
        "device_code": device_code,
        "user_code": shown(user_code),
        "verification_uri": page,
        "verification_uri_complete": f"{page}?code={shown(user_code)}",
        "expires_in": int(LIFE.total_seconds()),
        "interval": INTERVAL,
    }


def shown(user_code: str) -> str:
    return f"{user_code[:4]}-{user_code[4:]}"


def find_waiting(session: Session, typed: str) -> OAuthDevice | None:
    """By what somebody typed: case, blanks and dashes do not matter."""
    code = "".join(letter for letter in typed.upper() if letter in _LETTERS)
    return session.scalar(
        select(OAuthDevice).where(
            OAuthDevice.user_code == code, OAuthDevice.expires_at > now(),
            OAuthDevice.grant_id.is_(None), OAuthDevice.denied_at.is_(None),
        )
    )  # fmt: skip


def accept(session: Session, actor: Actor, device: OAuthDevice, *, client: Client) -> None:
    asked = scopes.split(device.scopes)
    consent = allow(session, actor, client, asked=asked)
    moment = now()
    grant = OAuthGrant(consent_id=consent.id, scopes=scopes.join(asked), signed_in_at=moment, redeemed_at=moment)
    session.add(grant)
    session.flush()
    device.grant_id = grant.id


def deny(device: OAuthDevice) -> None:
    device.denied_at = now()


def poll(session: Session, caller: Caller, settings: PlatformSettings, *, device_code: str) -> dict[str, Any] | str:
    """The tokens, once; or the protocol's word for why there are none yet."""
    device = session.get(OAuthDevice, digest(device_code), with_for_update=True)
    if device is None or device.client_id != caller.client.id:
        return "invalid_grant"
    if device.expires_at < now():
        return "expired_token"
    if word := _waiting(device):
        return word
    session.execute(delete(OAuthDevice).where(OAuthDevice.digest == device.digest))
    if device.denied_at:
        return "access_denied"
    grant = issuing.find_grant(session, OAuthGrant.id == device.grant_id)
    return (issuing.issue(session, caller, settings, grant=grant) if grant else None) or "access_denied"


def _waiting(device: OAuthDevice) -> str | None:
    if device.grant_id or device.denied_at:
        return None
    moment, before = now(), device.asked_at
    device.asked_at = moment
    if before and moment - before < timedelta(seconds=device.interval):
        device.interval += 5
        return "slow_down"
    return "authorization_pending"
