"""Who may ask: a Space whose front matter says `hf_oauth: true`, and two programs for terminals.

A Space's client is not stored: its id is the Space's own, and its secret is derived from that.
"""

import hmac
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.client.name import MINISPACES_CLI
from minispaces_platform.errors import ForbiddenError, NotFoundError
from minispaces_platform.models.card import SpaceOAuth
from minispaces_platform.models.deployments import Preview
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.spaces import Space
from minispaces_platform.oauth import scopes
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.signing import derive_secret
from minispaces_platform.spaces.service import find_space_by_id

REDIRECT_MAX = 2000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ODD = re.compile(r"[^\x21-\x7e]|[\\<>\"]")


@dataclass(frozen=True, slots=True)
class Client:
    """`space` is None for a program for terminals, which has no secret and no pages of its own."""

    id: str
    name: str
    scopes: tuple[str, ...]
    lifetime: timedelta
    """Of access tokens."""
    space: Space | None = None
    organizations: tuple[str, ...] = ()
    """Only their members may sign in; empty for everybody."""
    previews: tuple[str, ...] = ()
    """Labels of the Space's further hosts, on which its versions sign people in as well."""


_TERMINAL_SCOPES = (*scopes.ALWAYS, "email", "read-memberships", "read-repos", "write-repos", "manage-repos")
_MONTH = timedelta(days=30)
HF_CLI = "26be6b09-91c5-47da-9861-d2d2bb7a7e36"
"""The id that the Hub's own command line has built in."""
TERMINALS: Final = {
    MINISPACES_CLI: Client(MINISPACES_CLI, "The minispaces command", _TERMINAL_SCOPES, _MONTH),
    HF_CLI: Client(HF_CLI, "The hf command (huggingface_hub)", _TERMINAL_SCOPES, _MONTH),
}


def client_id_of(space: Space) -> str:
    return str(uuid.UUID(space.id))


def secret_of(client_id: str, settings: PlatformSettings) -> str:
    return derive_secret(settings, "oauth client", client_id)


def find_client(session: Session, client_id: str) -> Client | None:
    """One that may sign people in now."""
    if client := TERMINALS.get(client_id):
        return client
    space_id = space_id_of(client_id)
    space = find_space_by_id(session, space_id) if space_id else None
    if space is None or space.card.oauth is None or not signs_people_in(space):
        return None
    previews = session.scalars(select(Preview.label).where(Preview.space_id == space.id)).all()
    return _client_of(space, space.card.oauth, previews=tuple(previews))


def space_id_of(client_id: str) -> str | None:
    """None for what cannot be the id of a Space's client."""
    try:
        space_id = uuid.UUID(client_id)
    except ValueError:
        return None
    return space_id.hex if str(space_id) == client_id else None


def signs_people_in(space: Space) -> bool:
    return space.card.oauth is not None and not space.taken_down_at


def _client_of(space: Space, asked: SpaceOAuth, *, previews: tuple[str, ...]) -> Client:
    return Client(
        client_id_of(space), space.card.title or space.name, _allowed(asked), timedelta(minutes=asked.minutes),
        space=space, organizations=asked.organizations, previews=previews,
    )  # fmt: skip


def _allowed(asked: SpaceOAuth) -> tuple[str, ...]:
    return scopes.split(scopes.join((*scopes.ALWAYS, *asked.scopes)))


def is_secret_of(client: Client, secret: str, settings: PlatformSettings) -> bool:
    return client.space is not None and hmac.compare_digest(
        secret.encode(errors="surrogateescape"), secret_of(client.id, settings).encode()
    )


def environment_of(space: Space, settings: PlatformSettings) -> dict[str, str]:
    """What an app with `hf_oauth: true` finds in its environment (hf-compat 2.4)."""
    if space.card.oauth is None:
        return {}
    client_id = client_id_of(space)
    return {
        "OAUTH_CLIENT_ID": client_id,
        "OAUTH_CLIENT_SECRET": secret_of(client_id, settings),
        "OAUTH_SCOPES": scopes.join(_allowed(space.card.oauth)),
        "OPENID_PROVIDER_URL": settings.hub_url,
    }


def may_return_to(client: Client, uri: str, settings: PlatformSettings) -> bool:
    """Whether `uri` is a page of the client's own: of its Space's hosts, or of a program on the person's machine."""
    if not uri or len(uri) > REDIRECT_MAX or _ODD.search(uri) or "#" in uri:
        return False
    try:
        parts = urlsplit(uri)
        origin = origin_of(parts)
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if client.space is None:
        return parts.scheme == "http" and parts.hostname in _LOOPBACK
    labels = (client.space.host_label, *client.previews)
    return any(origin in _origins(label, settings) for label in labels)


def _origins(label: str, settings: PlatformSettings) -> set[str]:
    """Gradio always says https, whatever the installation does."""
    address = urlsplit(settings.url_of(settings.app_host(label).lower()))
    return {origin_of(address), origin_of(address._replace(scheme="https"))}


def origin_of(address: SplitResult) -> str:
    """Raises ValueError for a port that is none."""
    default = {"http": 80, "https": 443}.get(address.scheme)
    port = "" if address.port in {None, default} else f":{address.port}"
    host = f"[{address.hostname}]" if ":" in (address.hostname or "") else address.hostname
    return f"{address.scheme}://{host}{port}"


def admit(client: Client, actor: Actor, organizations: Sequence[Namespace]) -> None:
    """Raises NotFoundError for whoever may not open the app, ForbiddenError for members of no organisation of its."""
    if client.space is None:
        return
    if not may(actor, Action.OPEN_APP, client.space):
        raise NotFoundError("There is no app that you could sign in to.", hint="Ask its owner to let you in.")
    wanted = {name.lower() for name in client.organizations}
    if wanted and not wanted & {organization.name.lower() for organization in organizations}:
        raise ForbiddenError(
            f"{client.name} is for members of {', '.join(client.organizations)} only, and you are in none of these.",
            hint="Ask an administrator of the organisation to add you, then try again.",
        )
