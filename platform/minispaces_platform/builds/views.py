"""What the log and version pages show. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from markupsafe import Markup

from minispaces_contract.messages import Phase
from minispaces_contract.states import BuildStatus, InstanceStatus
from minispaces_platform.builds.hints import hint_of
from minispaces_platform.builds.log_lines import failing_lines, lines_html, matching
from minispaces_platform.builds.logs import Log, newest_shown
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.releases.views import Panel, VersionRelease
from minispaces_platform.spaces.queries import SpaceNow
from minispaces_platform.spaces.views import SpaceView
from minispaces_platform.spaces.words import StageWords

Which = Literal["build", "app"]

RESULTS = {
    BuildStatus.QUEUED: StageWords("Queued", "busy", "It waits for a builder."),
    BuildStatus.BUILDING: StageWords("Building", "busy", "It is being built."),
    BuildStatus.SUCCEEDED: StageWords("Built", "good", "It was built."),
    BuildStatus.FAILED: StageWords("Failed", "bad", "It could not be built."),
    BuildStatus.CANCELLED: StageWords("Cancelled", "quiet", "A newer push took its place."),
}


@dataclass(frozen=True, slots=True)
class BuildView:
    """One version's build. `seconds` is None until it has ended."""

    version: int
    commit: str
    title: str
    author: str
    pushed_at: datetime
    result: StageWords
    error: str
    seconds: float | None
    phases: tuple[Phase, ...]
    size: int
    is_live: bool
    full_commit: str = ""
    thumbnail: str = ""
    """The address of a picture of it; empty for the emoji."""


@dataclass(frozen=True, slots=True)
class VersionsView:
    """`acts` is whether the visitor may go back and promote, `manages` whether they may hold new versions."""

    space: SpaceView
    panel: Panel
    rows: tuple[tuple[BuildView, VersionRelease], ...]
    older: int | None
    """The version that the next page begins below."""
    acts: bool = False
    manages: bool = False
    done: str = ""

    @property
    def builds(self) -> tuple[BuildView, ...]:
        return tuple(build for build, _ in self.rows)


@dataclass(frozen=True, slots=True)
class LogView:
    """`follow` is where further lines come from, empty when there will be none."""

    space: SpaceView
    which: Which
    build: BuildView | None
    lines: Markup
    failing: Markup
    began: float
    left_out: int
    is_away: bool
    follow: str
    refreshes: bool
    words: str = ""
    """Why it failed, if it did."""
    hint: str = ""
    query: str = ""
    found: int = 0


def is_over(status: BuildStatus, deployment: Deployment | None) -> bool:
    """Whether a build's log gets no more lines: after the build, they tell of the start of its `deployment`."""
    return status.is_final and (deployment is None or deployment.observed is not InstanceStatus.STARTING)


def build_view(build: Build, now: SpaceNow, *, pictured: bool = False) -> BuildView:
    ended = build.finished_at and build.started_at
    return BuildView(
        version=build.version,
        commit=build.revision.commit[:7],
        title=build.revision.title,
        author=build.revision.author,
        pushed_at=build.revision.pushed_at,
        result=RESULTS[build.status],
        error=build.error or "",
        seconds=(build.finished_at - build.started_at).total_seconds() if ended else None,  # type: ignore[operator]
        phases=build.timing.phases,
        size=build.artifact.size_bytes if build.artifact else 0,
        is_live=now.serving is not None and now.serving.build_id == build.id,
        full_commit=build.revision.commit,
        thumbnail=f"/spaces/{now.space.full_name}/thumbnail/{build.version}.webp" if pictured else "",
    )


def log_view(
    space: SpaceView, which: Which, log: Log, *, build: BuildView | None, follow: str, words: str = "", query: str = ""
) -> LogView:
    """`words` say why it failed. Who searches sees the newest lines with `query`, of all that is kept."""
    entries = matching(log.entries, query) if query else log.entries
    shown, left_out = newest_shown(Log(tuple(entries)))
    began = log.entries[0].at if log.entries and query else shown[0].at if shown else 0
    failing = failing_lines(log.entries, last=3) if words else []
    return LogView(
        space=space,
        which=which,
        build=build,
        lines=lines_html(shown, began=began, mark=query),
        failing=lines_html(failing),
        began=began,
        left_out=left_out,
        is_away=log.away,
        follow="" if query else follow,
        refreshes=which == "build" and follow != "" and not query,
        words=words,
        hint=hint_of([*(entry.text for entry in log.entries[-200:]), words]) if words else "",
        query=query,
        found=len(entries),
    )
