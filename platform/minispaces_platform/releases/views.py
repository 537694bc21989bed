"""What pages and programs are told of versions and releases. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from minispaces_contract.messages import Hardware
from minispaces_contract.states import BuildStatus, DesiredState
from minispaces_platform.models.builds import Build, Purpose
from minispaces_platform.models.deployments import Cause, KeptValues
from minispaces_platform.releases.queries import Known
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.queries import SpaceNow


@dataclass(frozen=True, slots=True)
class VersionRelease:
    """One version, beside its build. `branch` is empty for the one that is deployed."""

    branch: str
    preview: str
    alias: str
    act: Literal["", "Roll back", "Promote"]
    is_live: bool
    is_held: bool
    was_live: bool
    is_kept: bool
    """Whether its files are there; else going back to it builds it anew."""


def version_release(build: Build, now: SpaceNow, known: Known, settings: PlatformSettings) -> VersionRelease:
    preview, was_live = known.previews.get(build.version), build.version in known.lived
    here = now.newest is not None and now.newest.build_id == build.id
    wanted = here and now.newest is not None and now.newest.desired is DesiredState.RUNNING
    built = build.status is BuildStatus.SUCCEEDED
    back = was_live and now.newest is not None and build.version < now.newest.version
    return VersionRelease(
        branch=build.revision.branch if build.revision.branch != now.space.default_branch else "",
        preview=settings.url_of(settings.app_host(preview.label)) if preview else "",
        alias=settings.url_of(settings.app_host(preview.alias)) if preview else "",
        act="" if wanted or not built else "Roll back" if back else "Promote",
        is_live=now.opens is not None and now.opens.build_id == build.id,
        is_held=built and is_held(build, now) and not was_live and not here,
        was_live=was_live,
        is_kept=build.artifact is not None and build.let_go_at is None,
    )


def is_held(build: Build, now: SpaceNow) -> bool:
    """Of the deployed branch, and newer than what serves: it waits for somebody."""
    return build.purpose is not Purpose.PREVIEW and (now.newest is None or build.version > now.newest.version)


@dataclass(frozen=True, slots=True)
class Panel:
    """At the top of the versions: what people get, and why it is not the newest."""

    version: int | None
    commit: str
    url: str
    newest: int | None
    """The newest version of the deployed branch, where another one serves."""
    words: str
    by: str
    at: datetime | None
    holds: bool
    branches: tuple[tuple[str, str], ...]
    """Each branch that has a preview, and where it is."""


def panel_of(now: SpaceNow, known: Known, settings: PlatformSettings) -> Panel:
    serving = now.opens
    newest = now.build.version if now.build and serving and now.build.version != serving.version else None
    switch = known.switch if known.switch and serving and known.switch.version == serving.version else None
    verb = {Cause.ROLLBACK: "went back to it", Cause.PROMOTE: "promoted it"}
    branches = {
        each.branch: settings.url_of(settings.app_host(each.alias))
        for each in known.previews.values()
        if each.branch != now.space.default_branch
    }
    return Panel(
        version=serving.version if serving else None,
        commit=serving.commit[:7] if serving else "",
        url=settings.url_of(settings.app_host(now.space.host_label)) if serving else "",
        newest=newest,
        words=verb[switch.cause] if switch else "",
        by=switch.by if switch else "",
        at=switch.at if switch else None,
        holds=now.space.holds,
        branches=tuple(sorted(branches.items())),
    )


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What going back changes beside the code, by name: values are nobody's to see here."""

    back: tuple[str, ...] = ()
    """Variables and secrets that have another value now, or are gone."""
    away: tuple[str, ...] = ()
    """Those that came later."""
    hardware: str = ""
    """The other one's name, where it changes."""


def settings_change(today: KeptValues, then: KeptValues, hardware: Hardware, before: Hardware | None) -> SettingsChange:
    now_known = {each.name: each for each in today.values}
    then_known = {each.name: each for each in then.values}
    return SettingsChange(
        back=tuple(name for name, each in then_known.items() if now_known.get(name) != each),
        away=tuple(name for name in now_known if name not in then_known),
        hardware=before.name if before and before != hardware else "",
    )
