"""Asking a hub about one Space, and for changes of it, as whoever is logged in."""

import json
from dataclasses import dataclass
from typing import Any

import httpx2
from pydantic import BaseModel, ConfigDict, Field

from minispaces_platform.client.hub import HubError, Word, asking
from minispaces_platform.client.logins import Login
from minispaces_platform.wording import tidy

_WORDS_MAX = 20_000


class Hardware(BaseModel):
    current: Word | None = None
    requested: Word | None = None


class Times(BaseModel):
    since: Word = Field(alias="from")
    until: Word


class Runtime(BaseModel):
    """A hub of another age may say less."""

    model_config = ConfigDict(extra="allow")

    stage: Word
    hardware: Hardware = Hardware()
    gcTimeout: int | None = None  # noqa: N815 - the Hub's word
    version: int | None = None
    sha: Word | None = None
    errorMessage: str = ""  # noqa: N815 - as above
    notice: str = ""
    keptWarm: Times | None = None  # noqa: N815 - as above


@dataclass(frozen=True, slots=True)
class RemoteSpace:
    """`name` is `owner/name`."""

    login: Login
    name: str

    def runtime(self) -> Runtime:
        return Runtime.model_validate_json(self.ask("GET", "runtime"))

    def change(self, verb: str, body: dict[str, Any] | None = None, **query: Any) -> Runtime:
        return Runtime.model_validate_json(self.ask("POST", verb, body, **query))

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any) -> bytes:
        """The answer's body. Raises HubError, with the hub's own words for a refusal."""
        with asking(self.login.url) as client:
            answer = client.request(
                method, self.address(path), json=body, params=query, headers=self.headers, follow_redirects=True
            )
            if not answer.is_success:
                raise refusal(self.login.url, answer)
            return answer.content

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.login.token}"}

    def address(self, path: str) -> str:
        return f"/api/spaces/{self.name}/{path}"


def refusal(url: str, answer: httpx2.Response) -> HubError:
    """In the hub's own words, where it has any."""
    try:
        said = json.loads(answer.content[:_WORDS_MAX])["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        said = None
    if isinstance(said, dict):
        return HubError(tidy(str(said.get("message", ""))), hint=tidy(str(said.get("hint", ""))))
    if isinstance(said, str):
        return HubError(tidy(said))
    return HubError(f"{url} answered {answer.status_code}.", hint="Is this a Minispaces hub, and up to date?")
