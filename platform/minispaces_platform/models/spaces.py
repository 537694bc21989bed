"""Spaces: a repository with an app, the host name it is served on, and who besides its owner may do something."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from minispaces_contract.messages import Hardware
from minispaces_platform.database import Base, Document, Moment, new_id, now, word
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.roles import Role, Visibility

_ASKED = ("visibility", "owner_id", "sdk", "hardware_name")


class Space(Base):
    """`host_label` is decided once and never recomputed, so that links survive. `card` is the README's front matter
    as of the newest revision; `config_error` says in words why that one could not be read.
    """

    __tablename__ = "spaces"
    __table_args__ = (
        Index("uq_spaces_owner_name_lower", "owner_id", text("lower(name)"), unique=True),
        # Each order of the gallery, with all that a filter or a right asks of a row: a page is read from one of these.
        Index("ix_spaces_trending", "trending", "id", *_ASKED),
        Index("ix_spaces_likes", "likes", "id", *_ASKED),
        Index("ix_spaces_visits", "visits", "id", *_ASKED),
        Index("ix_spaces_new", "id", *_ASKED),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(ForeignKey("namespaces.id"), index=True)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(63))
    host_label: Mapped[str] = mapped_column(String(63), unique=True)
    visibility: Mapped[Visibility] = mapped_column(word(Visibility), default=Visibility.PUBLIC)
    default_branch: Mapped[str] = mapped_column(String(255), default="main")
    card: Mapped[SpaceCard] = mapped_column(Document(SpaceCard), default=SpaceCard)
    hardware: Mapped[Hardware] = mapped_column(Document(Hardware), default=Hardware)
    versions: Mapped[int] = mapped_column(default=0)
    """The newest version of the default branch, or that somebody asked for; the state of its build is the Space's."""
    numbered: Mapped[int] = mapped_column(default=0)
    """The highest version number given out so far, also to previews."""
    holds: Mapped[bool] = mapped_column(default=False)
    """New versions of the default branch wait for somebody to promote them."""
    taken_down_at: Mapped[datetime | None] = mapped_column(Moment)
    taken_down_reason: Mapped[str] = mapped_column(Text, default="")
    """Why an admin of the installation closed the app; its page shows it."""
    thumbnail: Mapped[int | None]
    """The newest version that there is a picture of."""
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)

    likes: Mapped[int] = mapped_column(default=0)
    visits: Mapped[int] = mapped_column(default=0)
    trending: Mapped[float] = mapped_column(default=1.0)
    """What the last days' likes and visits say, fading; a Space starts as if somebody liked it."""
    sdk: Mapped[str | None] = mapped_column(String(32))
    """The card's, for filters, as the next is the hardware's."""
    hardware_name: Mapped[str] = mapped_column(String(63), default=Hardware().name)

    repository_bytes: Mapped[int | None] = mapped_column(BigInteger)
    """What its repository takes on the disk; None until it was measured."""

    owner: Mapped[Namespace] = relationship(lazy="raise")

    @validates("card")
    def _note_sdk(self, _key: str, card: SpaceCard) -> SpaceCard:
        self.sdk = card.sdk.value if card.sdk else None
        return card

    @validates("hardware")
    def _note_hardware(self, _key: str, hardware: Hardware) -> Hardware:
        self.hardware_name = hardware.name
        return hardware

    @property
    def full_name(self) -> str:
        return f"{self.owner.name}/{self.name}"


class Collaborator(Base):
    """Somebody outside the owning namespace who may do something with one Space."""

    __tablename__ = "collaborators"

    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(word(Role))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)


class FormerSpaceName(Base):
    """A Space's owner and name (in lower case) of earlier days: leads on to it until the name is taken again."""

    __tablename__ = "former_space_names"

    owner_id: Mapped[str] = mapped_column(ForeignKey("namespaces.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)


class GuestLink(Base):
    """Opens one app for whoever holds it: named, expiring, revocable. Shown once, stored hashed."""

    __tablename__ = "guest_links"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class EntryTicket(Base):
    """Carries somebody from the hub to one app's host, once and within a minute. Gone when used."""

    __tablename__ = "entry_tickets"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[str | None] = mapped_column(ForeignKey("login_sessions.id", ondelete="CASCADE"))
    guest_link_id: Mapped[str | None] = mapped_column(ForeignKey("guest_links.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(Moment)
