"""Asking a hub, over HTTP. Whatever it answers is read with suspicion: it may be any server."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

import httpx2
from pydantic import BaseModel, StringConstraints, ValidationError

from minispaces_platform.client.credentials import Credential
from minispaces_platform.client.name import MINISPACES_CLI
from minispaces_platform.clock import now
from minispaces_platform.errors import MinispacesError
from minispaces_platform.wording import tidy

REFRESH_BEFORE = timedelta(days=1)
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_TIMEOUT_SECONDS = 20
_LONGEST_WAIT = 3600
Word = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,2000}$")]
"""Nothing that could end a line: it is printed, and handed to git."""


class HubError(MinispacesError):
    code = "hub"


class DeviceStart(BaseModel):
    device_code: Word
    user_code: Word
    verification_uri: Word
    verification_uri_complete: Word
    interval: int = 5
    expires_in: int = 900


class Tokens(BaseModel):
    access_token: Word
    refresh_token: Word | None = None
    expires_in: int | None = None


class AccessTokenRole(BaseModel):
    role: Word


class Auth(BaseModel):
    type: Word
    accessToken: AccessTokenRole | None = None  # noqa: N815 - the Hub's word


class About(BaseModel):
    name: Word
    auth: Auth

    @property
    def role(self) -> str:
        return self.auth.accessToken.role if self.auth.accessToken else self.auth.type


class _Refusal(BaseModel):
    error: str
    error_description: str = ""


def begin(url: str) -> DeviceStart:
    with asking(url) as client:
        return DeviceStart.model_validate_json(_good(url, client.post("/oauth/device", data=_CLIENT)))


def wait(url: str, start: DeviceStart) -> Tokens:
    """Until somebody has decided in a browser. Raises HubError for a no, and when nobody did in time."""
    interval, deadline = start.interval, time.monotonic() + min(start.expires_in, _LONGEST_WAIT)
    fields = {"grant_type": _DEVICE_GRANT, "device_code": start.device_code} | _CLIENT
    while time.monotonic() < deadline:
        time.sleep(interval)
        with asking(url) as client:
            answer = client.post("/oauth/token", data=fields)
        if answer.is_success:
            return Tokens.model_validate_json(answer.content)
        match _Refusal.model_validate_json(answer.content).error:
            case "authorization_pending":
                pass
            case "slow_down":
                interval += 5
            case "access_denied":
                raise HubError("The request was declined in the browser.")
            case word:
                raise HubError(f"{url} ended the login: {tidy(word)}.", hint="Try again: minispaces login")
    raise HubError("Nobody typed the code in time.", hint="Try again: minispaces login")


def refresh(url: str, credential: Credential) -> Credential:
    """The same one while it is fresh, else its successor."""
    if credential.expires_at is None or credential.expires_at - now() > REFRESH_BEFORE or not credential.refresh_token:
        return credential
    fields = {"grant_type": "refresh_token", "refresh_token": credential.refresh_token} | _CLIENT
    with asking(url) as client:
        answer = client.post("/oauth/token", data=fields)
    if not answer.is_success:
        return credential
    return remembered(credential.name, Tokens.model_validate_json(answer.content))


def remembered(name: str, tokens: Tokens) -> Credential:
    ends = now() + timedelta(seconds=tokens.expires_in) if tokens.expires_in else None
    return Credential(name=name, token=tokens.access_token, refresh_token=tokens.refresh_token or "", expires_at=ends)


def whoami(url: str, token: str) -> About:
    """Raises HubError for a token that the hub does not take."""
    with asking(url) as client:
        answer = client.get("/api/whoami-v2", headers={"Authorization": f"Bearer {token}"})
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            raise HubError(f"{url} does not take this token.", hint=f"Log in again: minispaces login --url {url}")
        return About.model_validate_json(_good(url, answer))


def revoke(url: str, token: str) -> None:
    with asking(url) as client:
        client.post("/oauth/revoke", data={"token": token} | _CLIENT)


_CLIENT = {"client_id": MINISPACES_CLI}


@contextmanager
def asking(url: str, *, quiet_seconds: float = _TIMEOUT_SECONDS) -> Iterator[httpx2.Client]:
    """Raises HubError in words for whatever goes wrong on the way, and for answers that are none of a hub's."""
    timeout = httpx2.Timeout(_TIMEOUT_SECONDS, read=quiet_seconds)
    try:
        with httpx2.Client(base_url=url, timeout=timeout, headers={"Accept": "application/json"}) as client:
            yield client
    except httpx2.HTTPError as error:
        raise HubError(f"{url} cannot be reached: {tidy(str(error))}", hint="Is the address right?") from error
    except ValidationError as error:
        raise HubError(f"{url} does not answer like a Minispaces hub.", hint="Is the address right?") from error


def _good(url: str, answer: httpx2.Response) -> bytes:
    if answer.is_success:
        return answer.content
    raise HubError(f"{url} answered {answer.status_code}.", hint="Is this a Minispaces hub, and up to date?")
