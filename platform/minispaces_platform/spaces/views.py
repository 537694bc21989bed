"""What the pages of Spaces show, computed from what was read. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from urllib.parse import urlencode

from markupsafe import Markup

from minispaces_contract.states import Stage
from minispaces_platform.access import Action, Actor, may
from minispaces_platform.builds.hints import hint_of
from minispaces_platform.deployments.world import host_of
from minispaces_platform.edge.access import door_of
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.briefs import SpaceBrief
from minispaces_platform.spaces.queries import SpaceNow
from minispaces_platform.spaces.visibility import VisibilityWords, words_of
from minispaces_platform.spaces.words import TAKEN_DOWN, WORDS, StageWords

NO_LINES = Markup()
COLOURS = frozenset({"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"})


@dataclass(frozen=True, slots=True)
class Face:
    """What a Space looks like in a list and at the top of its pages."""

    owner: str
    name: str
    title: str
    path: str
    emoji: str
    colour_from: str
    colour_to: str
    description: str
    sdk: str
    updated_at: datetime
    stage: StageWords
    visibility: VisibilityWords | None
    """None for what is public."""
    likes: int = 0
    thumbnail: str | None = None
    """The address of a picture; None for the emoji."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the visitor of a Space's pages may do besides reading them."""

    logs: bool = False
    manage: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing (or nothing new) serves: words, and the lines that show it."""

    heading: str
    text: str
    lines: Markup = NO_LINES
    log: str = ""
    """Where the whole log is, if there is one."""
    hint: str = ""
    """What to do about it, where the failure is a known one."""


@dataclass(frozen=True, slots=True)
class Status:
    """The line under a Space's title; changes live."""

    stage: StageWords
    version: int | None
    commit: str
    notice: Trouble | None
    """What happens besides, while the app serves."""
    queue: str = ""
    """Where its next call stands in the queue for a GPU."""


@dataclass(frozen=True, slots=True)
class AppFrame:
    key: str
    """The deployment that serves: an open frame is left alone, whatever else changes."""
    src: str
    url: str
    framed: bool = True
    """False where it has to be opened alone."""


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    path: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class SpaceView:
    """`app` is None while nothing serves; `trouble` then says why."""

    id: str
    face: Face
    tab: str
    status: Status
    app: AppFrame | None
    trouble: Trouble
    is_empty: bool
    is_busy: bool
    full_width: bool
    mini_header: bool
    branch: str
    push_url: str
    rights: Rights
    tabs: tuple[Tab, ...]


def rights_of(actor: Actor, space: Space) -> Rights:
    return Rights(logs=may(actor, Action.READ_LOGS, space), manage=may(actor, Action.MANAGE, space))


def face_of(now: SpaceNow | SpaceBrief, settings: PlatformSettings) -> Face:
    space, card = now.space, now.space.card
    return Face(
        owner=space.owner.name,
        name=space.name,
        title=card.title or space.name,
        path=f"/spaces/{space.full_name}",
        emoji=card.emoji,
        colour_from=_colour(card.color_from, "blue"),
        colour_to=_colour(card.color_to, "purple"),
        description=card.short_description or "",
        sdk=card.sdk.value if card.sdk else "",
        updated_at=space.updated_at,
        stage=stage_words(now),
        visibility=words_of(space.visibility, settings) if space.visibility is not Visibility.PUBLIC else None,
        likes=space.likes,
        thumbnail=f"/spaces/{space.full_name}/thumbnail/{space.thumbnail}.webp" if space.thumbnail else None,
    )


def stage_words(now: SpaceNow | SpaceBrief) -> StageWords:
    return TAKEN_DOWN if now.space.taken_down_at else WORDS[now.stage]


def push_url(settings: PlatformSettings, full_name: str, *, user: str) -> str:
    scheme, rest = settings.hub_url.split("://", 1)
    return f"{scheme}://{user}:TOKEN@{rest}/spaces/{full_name}"


def view_of(
    now: SpaceNow,
    settings: PlatformSettings,
    *,
    tab: str = "app",
    query: str = "",
    lines: Markup = NO_LINES,
    hint: str = "",
    rights: Rights,
) -> SpaceView:
    """`query` is handed on to the app's first address; `lines` are the build log's, where the build failed."""
    face, trouble = face_of(now, settings), trouble_of(now, lines, hint=hint)
    if not rights.logs:
        trouble = replace(trouble, lines=NO_LINES, log="", hint="")
    return SpaceView(
        id=now.space.id,
        face=face,
        tab=tab,
        status=status_of(now, trouble),
        app=frame_of(now, settings, query=query),
        trouble=trouble,
        is_empty=now.build is None and now.space.taken_down_at is None,
        is_busy=face.stage.tone == "busy",
        full_width=now.space.card.full_width,
        mini_header=now.space.card.mini_header and frame_of(now, settings) is not None,
        branch=now.space.default_branch,
        push_url=push_url(settings, now.space.full_name, user=now.space.owner.name),
        rights=rights,
        tabs=tabs_of(now.space, rights, here=tab),
    )


def tabs_of(space: Space, rights: Rights, *, here: str) -> tuple[Tab, ...]:
    """Those that the visitor may open. `here` is the label of the one that is open, in lower case."""
    path = f"/spaces/{space.full_name}"
    labels = {"App": path, "Files": f"{path}/tree/{space.default_branch}", "Versions": f"{path}/versions"}
    labels |= {"Logs": f"{path}/logs"} if rights.logs else {}
    labels |= {"Discussions": f"{path}/discussions"}
    labels |= {"Feedback": f"{path}/feedback"} if rights.logs else {}
    labels |= {"Settings": f"{path}/settings"} if rights.manage else {}
    return tuple(Tab(label, address, label.lower() == here) for label, address in labels.items())


def status_of(now: SpaceNow, trouble: Trouble) -> Status:
    """The version that people get; before there is one, the version being made."""
    notice, words = (None if now.opens is None or _is_well(now) else trouble), stage_words(now)
    if now.opens:
        queue = now.gpu.words if now.gpu else ""
        return Status(words, now.opens.version, now.opens.commit[:7], notice, queue)
    if now.build:
        return Status(words, now.build.version, now.build.revision.commit[:7], notice)
    return Status(words, None, "", notice)


def _is_well(now: SpaceNow) -> bool:
    """Whether the newest version answers, sleeps or wakes, and did not end before: there is nothing to tell besides."""
    if now.opens is now.newest and now.newest and now.newest.detail:
        return now.stage is Stage.SLEEPING
    waking = now.stage is Stage.APP_STARTING and now.opens is now.newest
    return waking or now.stage in {Stage.RUNNING, Stage.SLEEPING}


def frame_of(now: SpaceNow, settings: PlatformSettings, *, query: str = "") -> AppFrame | None:
    """Of an app that sleeps, too: the frame is the visit that wakes it."""
    if now.opens is None or now.space.taken_down_at:
        return None
    host = host_of(now.space, settings)
    url, path = settings.url_of(host), _base_path(now.space.card) + (f"?{query}" if query else "")
    door = door_of(now.space, settings)
    if door is None or (door.circle == "open" and not door.identity):
        return AppFrame(key=now.opens.id, src=url + path, url=url)
    through_the_hub = "/enter?" + urlencode({"host": host, "next": path})
    framed = door.circle == "open" or frames_keep_cookies(settings)
    return AppFrame(key=now.opens.id, src=through_the_hub, url=url, framed=framed)


def frames_keep_cookies(settings: PlatformSettings) -> bool:
    """Whether an app in a frame of ours can have a cookie.

    Over plain HTTP browsers give one only to frames of the same site: whose names end alike in two labels, which is
    a guess at what browsers know from a list; or on localhost, which they take for safe.
    """
    if settings.scheme == "https" or settings.domain == "localhost":
        return True
    pairs = zip(reversed(settings.domain.split(".")), reversed(settings.apps_domain.split(".")), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)) > 1


def trouble_of(now: SpaceNow, lines: Markup = NO_LINES, *, hint: str = "") -> Trouble:
    words, version = WORDS[now.stage], now.build.version if now.build else 0
    log = f"/spaces/{now.space.full_name}/logs?version={version}" if now.build else ""
    still = f" Version {now.opens.version} still serves." if now.opens else ""
    if now.space.taken_down_at:
        return Trouble("An administrator took this app down", now.space.taken_down_reason, log=log)
    match now.stage:
        case Stage.BUILD_ERROR | Stage.NO_APP_FILE | Stage.CONFIG_ERROR if now.build:
            error = now.build.error
            return Trouble(f"Version {version} failed to build", (error or words.sentence) + still, lines, log, hint)
        case Stage.RUNTIME_ERROR:
            return _crash(now, log, still=still)
        case Stage.BUILDING | Stage.RUNNING_BUILDING:
            return Trouble(f"Building version {version}", words.sentence, log=log)
        case Stage.APP_STARTING | Stage.RUNNING_APP_STARTING:
            waits = now.newest.detail if now.newest else None
            return Trouble(f"Starting version {version}", waits or words.sentence, log=f"{log}&log=app")
        case _:
            again = now.newest.detail if now.newest and now.stage is Stage.RUNNING else None
            return Trouble("It was started again" if again else words.label, again or words.sentence, log=log)


def _crash(now: SpaceNow, log: str, *, still: str) -> Trouble:
    assert now.newest  # noqa: S101 - this stage is about a deployment
    heading = f"Version {now.newest.version} did not start" if not now.newest.live_at else "The app stopped by itself"
    text = (now.newest.detail or "It ended without saying why.") + still
    hint = hint_of([*now.newest.log_tail.splitlines(), now.newest.detail or ""])
    return Trouble(heading, text, _plain_lines(now.newest.log_tail), f"{log}&log=app", hint)


def _plain_lines(tail: str) -> Markup:
    row = Markup('<div class="log-line"><span>{}</span></div>')
    return Markup().join(row.format(line) for line in tail.splitlines())


def _colour(asked: str, otherwise: str) -> str:
    return asked if asked in COLOURS else otherwise


def _base_path(card: SpaceCard) -> str:
    """A path and nothing else: `@evil.example` after our host would name another host."""
    return card.base_path if card.base_path.startswith("/") else "/"
