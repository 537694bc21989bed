"""Guest links: one app, for whoever holds the link, until it expires or is revoked."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_platform.access import Actor
from minispaces_platform.accounts.secrets import digest, new_secret
from minispaces_platform.audit import service as audit
from minispaces_platform.database import now
from minispaces_platform.errors import ConflictError, InvalidError, NotFoundError
from minispaces_platform.models.spaces import GuestLink, Space

DAYS_MAX = 365
LINKS_MAX = 100
_NAME_MAX = 100


def create_link(session: Session, actor: Actor, space: Space, *, name: str, days: float) -> str:
    """The secret part of its address, to be shown this once. Raises InvalidError or ConflictError."""
    name = name.strip()
    if not name or len(name) > _NAME_MAX or not name.isprintable():
        raise InvalidError(f"A guest link needs a name of 1 to {_NAME_MAX} letters.", hint="For whom is it?")
    if not 0 < days <= DAYS_MAX:
        raise InvalidError(f"A guest link lasts up to {DAYS_MAX} days.")
    if len(list_links(session, space.id)) >= LINKS_MAX:
        raise ConflictError(f"A Space may have {LINKS_MAX} guest links.", hint="Revoke some first.")
    secret = new_secret()
    session.add(
        GuestLink(
            space_id=space.id, name=name, digest=digest(secret), created_by=actor.user.id if actor.user else None,
            expires_at=now() + timedelta(days=days),
        )
    )  # fmt: skip
    audit.record(session, actor, "guest_link.create", space, name=name, days=days)
    return secret


def list_links(session: Session, space_id: str) -> list[GuestLink]:
    """Those that are good now, the newest first."""
    live = GuestLink.space_id == space_id, GuestLink.revoked_at.is_(None), GuestLink.expires_at > now()
    return list(session.scalars(select(GuestLink).where(*live).order_by(GuestLink.id.desc())))


def revoke_link(session: Session, actor: Actor, space: Space, *, link_id: str) -> None:
    """Whoever came in by it is put out within seconds."""
    link = session.get(GuestLink, link_id)
    if link is None or link.space_id != space.id:
        raise NotFoundError("There is no such guest link.")
    if link.revoked_at is None:
        link.revoked_at = now()
        audit.record(session, actor, "guest_link.revoke", space, name=link.name)


def follow_link(session: Session, secret: str) -> GuestLink | None:
    link = session.scalar(
        select(GuestLink).where(
            GuestLink.digest == digest(secret), GuestLink.revoked_at.is_(None), GuestLink.expires_at > now()
        )
    )
    if link:
        link.last_used_at = now()
    return link
