"""What `minispaces login` remembers: one credential per hub, in a file that its owner alone can read."""

import os
import secrets
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from minispaces_platform.errors import InvalidError, NotFoundError

DEFAULT_URL = "http://localhost:8080"


class Credential(BaseModel):
    """`refresh_token` and `expires_at` are there after a sign-in in the browser."""

    model_config = ConfigDict(frozen=True)

    name: str
    token: str
    refresh_token: str = ""
    expires_at: datetime | None = None


class Credentials(BaseModel):
    """By the hub's address; `current` is the one last logged in to."""

    current: str = DEFAULT_URL
    hubs: dict[str, Credential] = {}

    def get(self, url: str) -> Credential:
        """Raises NotFoundError."""
        if found := self.hubs.get(url):
            return found
        raise NotFoundError(f"You are not logged in to {url}.", hint=f"Log in: minispaces login --url {url}")


def folder() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "minispaces"


def load() -> Credentials:
    """Raises InvalidError for a file that somebody has broken."""
    path = folder() / "credentials.json"
    try:
        return Credentials.model_validate_json(path.read_bytes()) if path.exists() else Credentials()
    except ValidationError:
        raise InvalidError(f"{path} cannot be read.", hint="Delete it, and log in again.") from None


def save(credentials: Credentials) -> Path:
    """Whole or not at all."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder() / "credentials.json"
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(credentials.model_dump_json(indent=2))
    draft.replace(path)
    return path


def address(url: str) -> str:
    """A hub's address as it is stored. Raises InvalidError for what is none."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.username:
        raise InvalidError(f"{url[:80]!r} is not the address of a hub.", hint="Such as https://spaces.example.com")
    return f"{parts.scheme}://{parts.netloc}".lower()
