"""As whom, and at which hub: from the environment, or from the stored login, kept fresh."""

import os
from dataclasses import dataclass

from minispaces_platform.client import credentials, hub


@dataclass(frozen=True, slots=True)
class Login:
    url: str
    token: str


def logged_in(url: str = "") -> Login:
    """At `url`, or where one last logged in. Raises NotFoundError for somebody who is not.

    `MINISPACES_TOKEN` stands before the stored login: a machine that nobody logs in on has no other.
    """
    stored = credentials.load()
    address = credentials.address(url or stored.current)
    if token := os.environ.get("MINISPACES_TOKEN"):
        return Login(address, token)
    before = stored.get(address)
    if (found := hub.refresh(address, before)) != before:
        credentials.save(credentials.Credentials(current=stored.current, hubs=stored.hubs | {address: found}))
    return Login(address, found.token)
