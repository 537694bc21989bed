"""Minispaces as OpenID provider: what people allowed to which client, and what was issued for it.

A Space's client has no row: it is what the front matter says. Scopes are stored as the protocol writes them, with
blanks between.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from minispaces_platform.database import Base, Moment, new_id, now

SCOPES_MAX = 400
CLIENT_ID_MAX = 36


class OAuthConsent(Base):
    """Somebody allowed a client to do something, and is not asked again for the same. Without a Space the client is
    a program for terminals.
    """

    __tablename__ = "oauth_consents"
    __table_args__ = (UniqueConstraint("user_id", "client_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    client_id: Mapped[str] = mapped_column(String(CLIENT_ID_MAX))
    space_id: Mapped[str | None] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[str] = mapped_column(String(SCOPES_MAX))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class OAuthGrant(Base):
    """One sign-in: everything issued for it ends with it. Those of browsers begin with a code, good once.

    `challenge` is PKCE's S256, empty for a client that proves itself with its secret alone.
    """

    __tablename__ = "oauth_grants"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    consent_id: Mapped[str] = mapped_column(ForeignKey("oauth_consents.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[str] = mapped_column(String(SCOPES_MAX))
    signed_in_at: Mapped[datetime] = mapped_column(Moment)
    code_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    redirect_uri: Mapped[str] = mapped_column(String(2000), default="")
    challenge: Mapped[str] = mapped_column(String(128), default="")
    nonce: Mapped[str] = mapped_column(String(500), default="")
    redeemed_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)

    consent: Mapped[OAuthConsent] = relationship(lazy="raise")


class OAuthToken(Base):
    """What makes an access token one that was issued to a client."""

    __tablename__ = "oauth_tokens"

    token_id: Mapped[str] = mapped_column(ForeignKey("access_tokens.id", ondelete="CASCADE"), primary_key=True)
    grant_id: Mapped[str] = mapped_column(ForeignKey("oauth_grants.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[str] = mapped_column(String(CLIENT_ID_MAX))
    scopes: Mapped[str] = mapped_column(String(SCOPES_MAX))


class OAuthRefreshToken(Base):
    """Good once: it is replaced by its use, and a second use ends the grant."""

    __tablename__ = "oauth_refresh_tokens"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    grant_id: Mapped[str] = mapped_column(ForeignKey("oauth_grants.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class OAuthDevice(Base):
    """A program that waits for its person to type `user_code` in a browser. Gone when it was told the outcome.

    `address` is where it asked from, to be shown to whoever decides.
    """

    __tablename__ = "oauth_devices"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_code: Mapped[str] = mapped_column(String(8), unique=True)
    client_id: Mapped[str] = mapped_column(String(CLIENT_ID_MAX))
    scopes: Mapped[str] = mapped_column(String(SCOPES_MAX))
    address: Mapped[str] = mapped_column(String(64), default="")
    interval: Mapped[int]
    """Seconds between two questions; grows by 5 with each that comes sooner."""
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    grant_id: Mapped[str | None] = mapped_column(ForeignKey("oauth_grants.id", ondelete="CASCADE"))
    denied_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
