"""People, and what proves who somebody is."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_platform.database import Base, Moment, new_id, now, word
from minispaces_platform.models.namespaces import Namespace, NamespaceKind
from minispaces_platform.models.scopes import Scope


class User(Namespace):
    """A person. Somebody suspended keeps everything and may do nothing."""

    __tablename__ = "users"
    __mapper_args__ = {"polymorphic_identity": NamespaceKind.USER}  # noqa: RUF012 - read by SQLAlchemy, once

    id: Mapped[str] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    """Administers the installation."""
    admin_issuer: Mapped[str | None] = mapped_column(String(400))
    """The sign-in provider whose group claim made them one; that provider's next answer may end it."""
    suspended_at: Mapped[datetime | None] = mapped_column(Moment)
    suspended_reason: Mapped[str] = mapped_column(Text, default="")


class Identity(Base):
    """Somebody as a sign-in provider knows them. The e-mail is for people to read and proves nothing."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    issuer: Mapped[str] = mapped_column(String(400))
    subject: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(320), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_login_at: Mapped[datetime] = mapped_column(Moment, default=now)


class AccessToken(Base):
    """An API or git credential: shown once, stored hashed. `hint` is its beginning, to know it again by.

    A restricted token is good for the Spaces in `access_token_spaces` only, and for nothing when there are none.
    """

    __tablename__ = "access_tokens"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100), default="")
    hint: Mapped[str] = mapped_column(String(16), default="")
    scope: Mapped[Scope] = mapped_column(word(Scope))
    restricted: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)


class AccessTokenSpace(Base):
    __tablename__ = "access_token_spaces"

    token_id: Mapped[str] = mapped_column(ForeignKey("access_tokens.id", ondelete="CASCADE"), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)


class LoginLink(Base):
    """A one-time way in; `used_at` is set by whoever comes first. Without a user it is the first admin's."""

    __tablename__ = "login_links"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class LoginSession(Base):
    """A browser that is signed in. Ended ones are kept for as long as what was issued from them could still be good.

    `issuer` is the sign-in provider, None for a one-time link.
    """

    __tablename__ = "login_sessions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    issuer: Mapped[str | None] = mapped_column(String(400))
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
