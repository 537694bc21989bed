"""Sign-ins at a provider that have begun and not yet ended."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_platform.database import Base, Moment


class SignInAttempt(Base):
    """Its state's digest is the key, and the browser's secret is only digested: a copy of this table finishes nothing.

    With a user it links another identity to their account.
    """

    __tablename__ = "sign_in_attempts"

    state_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_digest: Mapped[str] = mapped_column(String(64))
    provider: Mapped[str] = mapped_column(String(63))
    next_path: Mapped[str] = mapped_column(String(2000))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
