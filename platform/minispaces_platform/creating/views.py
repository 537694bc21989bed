"""What the pages show on which Spaces are made. Pure."""

from dataclasses import dataclass, replace

from minispaces_platform.creating.starters import Starter, starters
from minispaces_platform.errors import InvalidError
from minispaces_platform.forms import NO_PROBLEM, FormProblem
from minispaces_platform.hardware.views import HardwareWords
from minispaces_platform.models.imports import Import, ImportStatus
from minispaces_platform.models.roles import Visibility
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.views import SpaceView
from minispaces_platform.spaces.visibility import VisibilityWords, visibilities

OTHER_STARTS = frozenset({"upload", "import", "empty"})


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody has chosen so far, as they typed it."""

    owner: str
    name: str = ""
    visibility: str = Visibility.PUBLIC.value
    hardware: str = ""
    start: str = "gradio"
    url: str = ""


@dataclass(frozen=True, slots=True)
class NewView:
    owners: tuple[str, ...]
    filled: Filled
    starters: tuple[Starter, ...]
    visibilities: tuple[VisibilityWords, ...]
    flavours: tuple[HardwareWords, ...]
    apps_domain: str
    most: str
    problem: FormProblem = NO_PROBLEM


@dataclass(frozen=True, slots=True)
class DuplicateView:
    source: SpaceView
    owners: tuple[str, ...]
    filled: Filled
    secrets: tuple[str, ...]
    visibilities: tuple[VisibilityWords, ...]
    flavours: tuple[HardwareWords, ...]
    problem: FormProblem = NO_PROBLEM


@dataclass(frozen=True, slots=True)
class ImportView:
    space: SpaceView
    url: str
    status: str
    words: str
    problem: FormProblem = NO_PROBLEM


def new_view(
    settings: PlatformSettings, owners: tuple[str, ...], filled: Filled, problem: FormProblem = NO_PROBLEM,
    *, flavours: tuple[HardwareWords, ...],
) -> NewView:  # fmt: skip
    known = {each.name for each in starters()} | OTHER_STARTS
    shown = replace(
        filled,
        start=filled.start if filled.start in known else "gradio",
        owner=filled.owner if filled.owner in owners else (owners or ("",))[0],
    )
    return NewView(
        owners=owners, filled=shown, starters=starters(), visibilities=visibilities(settings),
        flavours=flavours, apps_domain=settings.apps_domain, most=f"{settings.max_push_mb:,} MB",
        problem=problem,
    )  # fmt: skip


def import_view(space: SpaceView, found: Import | None, problem: FormProblem = NO_PROBLEM) -> ImportView:
    if found is None:
        return ImportView(space, "", ImportStatus.FAILED.value, "Nothing was imported yet.", problem)
    return ImportView(space, found.url, found.status.value, found.words, problem)


def read_visibility(text: str) -> Visibility:
    """Raises InvalidError."""
    try:
        return Visibility(text)
    except ValueError:
        raise InvalidError("Choose who may see the Space.") from None
