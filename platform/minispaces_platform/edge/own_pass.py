"""The hub's own way into apps: for pictures of them, and for what they say of their API."""

from minispaces_platform.edge.access import door_of
from minispaces_platform.edge.passes import hub_key, make_pass
from minispaces_platform.models.spaces import Space
from minispaces_platform.settings import PlatformSettings


def is_guarded(space: Space, settings: PlatformSettings) -> bool:
    """Whether the proxy lets in only whoever shows something."""
    door = door_of(space, settings)
    return door is None or door.circle != "open"


def own_pass(space: Space, settings: PlatformSettings, *, host: str, seconds: float) -> str:
    """For one of its hosts; empty where the app is open to everybody. Raises NoPassesError."""
    if not is_guarded(space, settings):
        return ""
    return make_pass(settings, host=host, key=hub_key(), seconds=seconds)
