"""What the page of guest links shows. Pure."""

from dataclasses import dataclass
from datetime import datetime

from minispaces_platform.forms import FormProblem
from minispaces_platform.models.spaces import GuestLink
from minispaces_platform.spaces.views import SpaceView


@dataclass(frozen=True, slots=True)
class LinkView:
    id: str
    name: str
    ends: str
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class GuestsView:
    """`made` is a new link's address, shown this once."""

    space: SpaceView
    links: tuple[LinkView, ...]
    made: str
    problem: FormProblem
    done: str


def link_view(link: GuestLink) -> LinkView:
    return LinkView(link.id, link.name, f"{link.expires_at:%Y-%m-%d %H:%M} UTC", link.last_used_at)
