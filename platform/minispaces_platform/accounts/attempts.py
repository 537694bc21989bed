"""A sign-in's way out to a provider and back, bound to the browser that began it.

The browser keeps a secret for as long as it may take; nonce and PKCE verifier are made from that and from the
state, so that nobody who has only one of the two, or only our database, can finish what another browser began.
"""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request
from sqlalchemy import delete
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_platform.accounts.secrets import digest, new_secret
from minispaces_platform.database import now
from minispaces_platform.models.attempts import SignInAttempt
from minispaces_platform.session_cookie import cookie_name, sole_cookie
from minispaces_platform.settings import PlatformSettings

ATTEMPT_MINUTES = 10
_SECRET_LENGTH = 43


@dataclass(frozen=True, slots=True)
class Attempt:
    browser: str
    state: str

    @property
    def nonce(self) -> str:
        return digest(f"nonce {self.browser} {self.state}")

    @property
    def verifier(self) -> str:
        return digest(f"verifier {self.browser} {self.state}")


def begin_attempt(
    session: Session, browser: str | None, *, provider: str, next_path: str, user_id: str | None = None
) -> Attempt:
    """`browser` is the secret that it already has: sign-ins in two tabs must not spoil each other."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.expires_at < now()))
    known = browser if browser and len(browser) == _SECRET_LENGTH else new_secret()
    attempt = Attempt(known, new_secret())
    session.add(
        SignInAttempt(
            state_digest=digest(attempt.state), browser_digest=digest(attempt.browser), provider=provider,
            next_path=next_path, user_id=user_id, expires_at=now() + timedelta(minutes=ATTEMPT_MINUTES),
        )
    )  # fmt: skip
    return attempt


def take_attempt(session: Session, attempt: Attempt, *, provider: str) -> SignInAttempt | None:
    """Its row, which is gone with that; None for another browser's, another provider's, a used or an old one."""
    taken = delete(SignInAttempt).where(
        SignInAttempt.state_digest == digest(attempt.state),
        SignInAttempt.browser_digest == digest(attempt.browser),
        SignInAttempt.provider == provider,
        SignInAttempt.expires_at > now(),
    )
    return session.scalar(taken.returning(SignInAttempt))


def _cookie_name(settings: PlatformSettings) -> str:
    return f"{cookie_name(settings)}_sign_in"


def browser_secret(request: Request, settings: PlatformSettings) -> str | None:
    return sole_cookie(request, _cookie_name(settings))


def keep_browser_secret(response: Response, secret: str, *, settings: PlatformSettings) -> None:
    """Lax, because the way back from the provider begins on its site."""
    response.set_cookie(
        _cookie_name(settings), secret, max_age=ATTEMPT_MINUTES * 60, secure=settings.scheme == "https",
        httponly=True, samesite="lax",
    )  # fmt: skip
