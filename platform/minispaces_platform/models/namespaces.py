"""Namespaces: people and organisations share their names, own Spaces, and may be renamed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_platform.database import Base, Moment, new_id, now, word
from minispaces_platform.models.roles import Role


class NamespaceKind(StrEnum):
    USER = "user"
    ORGANIZATION = "organization"


class Namespace(Base):
    __tablename__ = "namespaces"
    __table_args__ = (Index("uq_namespaces_name_lower", text("lower(name)"), unique=True),)
    __mapper_args__ = {"polymorphic_on": "kind"}  # noqa: RUF012 - read by SQLAlchemy, once

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[NamespaceKind] = mapped_column(word(NamespaceKind))
    name: Mapped[str] = mapped_column(String(63))
    full_name: Mapped[str] = mapped_column(String(200), default="")
    """As its owner wants to be called; never used to find anything."""
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class Organization(Namespace):
    __tablename__ = "organizations"
    __mapper_args__ = {"polymorphic_identity": NamespaceKind.ORGANIZATION}  # noqa: RUF012 - read by SQLAlchemy, once

    id: Mapped[str] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True)


class Membership(Base):
    """`issuer` names the sign-in provider whose group claim made it; that provider's next answer may end it."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("organization_id", "user_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(word(Role))
    issuer: Mapped[str | None] = mapped_column(String(400))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class FormerName(Base):
    """A namespace's name of earlier days, in lower case: leads on to it until somebody else takes the name."""

    __tablename__ = "former_names"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    namespace_id: Mapped[str] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime] = mapped_column(Moment, default=now)
