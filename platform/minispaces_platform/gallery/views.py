"""What the gallery shows. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from minispaces_contract.states import Sdk
from minispaces_platform.gallery.asking import Sort, State, Wanted
from minispaces_platform.gallery.collection_queries import CollectionBrief
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.views import Face, face_of

SORT_WORDS = {
    Sort.TRENDING: "Trending", Sort.LIKES: "Most liked", Sort.NEW: "New", Sort.VISITS: "Most visited",
}  # fmt: skip
SDK_WORDS = {Sdk.GRADIO: "Gradio", Sdk.STREAMLIT: "Streamlit", Sdk.STATIC: "Static", Sdk.DOCKER: "Docker"}
STATE_WORDS = {
    State.RUNNING: "Running", State.BUILDING: "Building", State.FAILED: "Failed", State.SLEEPING: "Sleeping",
    State.STOPPED: "Stopped",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several; `path` leads to it, or away from it where it is chosen."""

    value: str
    label: str
    path: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FeaturedView:
    """A collection on the front page, with its first Spaces."""

    path: str
    title: str
    description: str
    owner: str
    count: int
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class ResultsView:
    """What changes while somebody types. `more` leads to the next page."""

    cards: tuple[Face, ...]
    heading: str
    more: str
    is_first: bool
    is_filtered: bool
    clear: str


@dataclass(frozen=True, slots=True)
class GalleryView:
    wanted: Wanted
    results: Markup
    sorts: tuple[Choice, ...]
    sdks: tuple[Choice, ...]
    tags: tuple[Choice, ...]
    states: tuple[Choice, ...]
    hardware: tuple[Choice, ...]
    featured: tuple[FeaturedView, ...]
    is_empty: bool
    push_url: str
    hub: str


def featured_of(brief: CollectionBrief, settings: PlatformSettings) -> FeaturedView:
    it = brief.collection
    return FeaturedView(
        path=f"/collections/{it.owner.name}/{it.slug}",
        title=it.title,
        description=it.description,
        owner=it.owner.name,
        count=brief.count,
        faces=tuple(face_of(space, settings) for space in brief.spaces),
    )


def results_of(wanted: Wanted, cards: tuple[Face, ...], after: str) -> ResultsView:
    return ResultsView(
        cards=cards,
        heading=_heading(wanted),
        more=wanted.path(after=after) if after else "",
        is_first=not wanted.after,
        is_filtered=wanted.filters,
        clear=wanted.path(q="", sdk="", tag="", hardware="", owner="", state=""),
    )


def _heading(wanted: Wanted) -> str:
    return SORT_WORDS[wanted.order] if not wanted.q else f"Spaces for “{wanted.q[:60]}”"


def sorts_of(wanted: Wanted) -> tuple[Choice, ...]:
    def path(sort: Sort) -> str:
        return wanted.path(sort="" if sort is Sort.TRENDING else sort)

    return tuple(Choice(it, SORT_WORDS[it], path(it), it is wanted.order) for it in Sort)


def sdks_of(wanted: Wanted) -> tuple[Choice, ...]:
    return tuple(Choice(it, SDK_WORDS[it], wanted.path(sdk=_other(it, wanted.sdk)), it is wanted.sdk) for it in Sdk)


def states_of(wanted: Wanted) -> tuple[Choice, ...]:
    return tuple(Choice(it, STATE_WORDS[it], wanted.path(state=it), it is wanted.state) for it in State)


def hardware_of(wanted: Wanted, flavours: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(Choice(it, it, wanted.path(hardware=it), it == wanted.hardware) for it in flavours)


def tags_of(wanted: Wanted, offered: list[str]) -> tuple[Choice, ...]:
    tags = list(dict.fromkeys([*([wanted.tag.lower()] if wanted.tag else []), *offered]))
    chosen = wanted.tag.lower()
    return tuple(Choice(it, it, wanted.path(tag=_other(it, chosen)), it == chosen) for it in tags)


def _other(value: str, chosen: str | None) -> str:
    """Choosing again what is chosen takes it back."""
    return "" if value == chosen else value
