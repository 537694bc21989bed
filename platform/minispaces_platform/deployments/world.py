"""The desired world: what should run and which host leads to it, in one answer for the runner."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from minispaces_contract.messages import Artifact, DeploymentSpec, DesiredWorld, Hardware, SleepRule, SpaceRoute
from minispaces_contract.states import UNFINISHED, DesiredState, InstanceStatus, Sdk
from minispaces_platform.configuration.queries import Values, values_of
from minispaces_platform.database import among, now
from minispaces_platform.models.builds import Build, Purpose
from minispaces_platform.models.deployments import Deployment, Preview, Release
from minispaces_platform.models.sleeping import SleepSetting
from minispaces_platform.models.spaces import Space
from minispaces_platform.oauth import clients
from minispaces_platform.releases.configurations import opened
from minispaces_platform.releases.previews import list_previews
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.sleeping.queries import settings_by_space
from minispaces_platform.sleeping.rules import rule_of

NO_VALUES = Values()
PREVIEW_SLEEP: Final = SleepRule(freeze_after=5 * 60, stop_after=30 * 60)
"""Nobody waits for a preview: it holds no memory for long."""
STATIC_VARIABLES = "SPACE_VARIABLES"
"""Where the server of static pages finds what it publishes to them."""


def desired_world(session: Session, settings: PlatformSettings, *, only: Collection[str] = ()) -> DesiredWorld:
    """Seven statements, however many Spaces there are, or for some `only`. Of one that was taken down nothing runs."""
    spaces = session.scalars(select(Space).where(*among(Space.id, only)).options(joinedload(Space.owner))).all()
    given = _Given(
        opened(session, settings, only=only), values_of(session, settings, only=only), settings_by_space(session, only),
        now(),
    )  # fmt: skip
    found = _find_releases(session, only)
    return DesiredWorld(
        deployments=tuple(
            spec
            for space in spaces
            if not space.taken_down_at
            for spec in (
                *(_spec(item, space, given, settings) for item in found.wanted[space.id]),
                *(_preview_spec(item, space, given, settings) for item in found.previews[space.id]),
            )
        ),
        routes=tuple(route for space in spaces for route in _routes(space, found, settings)),
    )


@dataclass(frozen=True, slots=True)
class _Releases:
    """By Space, oldest first. The newest of a Space says what became of it, also where nothing should run."""

    wanted: Mapping[str, list[Deployment]]
    newest: Mapping[str, Deployment]
    previews: Mapping[str, list[Preview]]
    building: set[str]


def _find_releases(session: Session, only: Collection[str]) -> _Releases:
    wanted: dict[str, list[Deployment]] = defaultdict(list)
    newest: dict[str, Deployment] = {}
    for deployment in _wanted_or_newest(session, only):
        newest[deployment.space_id] = deployment
        if deployment.desired is DesiredState.RUNNING:
            wanted[deployment.space_id].append(deployment)
    previews: dict[str, list[Preview]] = defaultdict(list)
    for preview in list_previews(session, only):
        previews[preview.space_id].append(preview)
    return _Releases(wanted, newest, previews, _building(session, only))


@dataclass(frozen=True, slots=True)
class _Given:
    """Variables and secrets: by configuration, and those of now by Space; what was chosen about sleep."""

    kept: Mapping[str, Values]
    now: Mapping[str, Values]
    sleep: Mapping[str, SleepSetting]
    at: datetime

    def of(self, release: Release) -> Values:
        of_now = self.now.get(release.space_id, NO_VALUES)
        return self.kept.get(release.configuration_id, of_now) if release.configuration_id else of_now


def _building(session: Session, only: Collection[str]) -> set[str]:
    busy = Build.status.in_(UNFINISHED), Build.purpose != Purpose.PREVIEW
    return set(session.scalars(select(Build.space_id).where(*busy, *among(Build.space_id, only))))


def _wanted_or_newest(session: Session, only: Collection[str]) -> Sequence[Deployment]:
    some = among(Deployment.space_id, only)
    newest = select(func.max(Deployment.id)).where(*some).group_by(Deployment.space_id)
    return session.scalars(
        select(Deployment)
        .where(*some, or_(Deployment.desired == DesiredState.RUNNING, Deployment.id.in_(newest)))
        .order_by(Deployment.id)
    ).all()


def host_of(space: Space, settings: PlatformSettings) -> str:
    return settings.app_host(space.host_label)


def _spec(deployment: Deployment, space: Space, given: _Given, settings: PlatformSettings) -> DeploymentSpec:
    host = host_of(space, settings)
    return _release_spec(deployment, space, given.of(deployment), settings, host=host).model_copy(
        update={
            "desired": deployment.desired,
            "sleep": rule_of(given.sleep.get(space.id), settings, now=given.at),
        }
    )


def _preview_spec(preview: Preview, space: Space, given: _Given, settings: PlatformSettings) -> DeploymentSpec:
    host = settings.app_host(preview.label)
    return _release_spec(preview, space, given.of(preview), settings, host=host).model_copy(
        update={"on_demand": True, "sleep": PREVIEW_SLEEP}
    )


def _release_spec(
    release: Release, space: Space, values: Values, settings: PlatformSettings, *, host: str
) -> DeploymentSpec:
    return DeploymentSpec(
        id=release.id, space_id=space.id, space=space.full_name, host=host,
        version=release.version, commit=release.commit, build_id=release.build_id, artifact=release.artifact,
        env=_given(release.artifact, values) | environment_of(space, release.hardware, settings, host=host),
        secrets=tuple(values.secrets), hardware=release.hardware, startup_seconds=release.startup_seconds,
    )  # fmt: skip


def _given(artifact: Artifact, values: Values) -> dict[str, str]:
    """A static Space's pages are told its variables by their server; a secret would be told to every visitor."""
    if artifact.sdk is Sdk.STATIC:
        return {STATIC_VARIABLES: json.dumps(values.variables)} if values.variables else {}
    return values.variables | values.secrets


def _routes(space: Space, found: _Releases, settings: PlatformSettings) -> list[SpaceRoute]:
    if space.taken_down_at:
        return [_route(space, found, settings)]
    return [_route(space, found, settings), *_preview_routes(space, found.previews[space.id], settings)]


def _route(space: Space, found: _Releases, settings: PlatformSettings) -> SpaceRoute:
    wanted = [] if space.taken_down_at else found.wanted[space.id]
    last = found.newest.get(space.id)
    failed = last.detail if last and last.observed is InstanceStatus.FAILED else None
    if space.taken_down_at:
        failed = f"An administrator took this app down: {space.taken_down_reason}"
    return SpaceRoute(
        host=host_of(space, settings), space_id=space.id, space=space.full_name, title=space.card.title or space.name,
        hub_url=f"{settings.hub_url}/spaces/{space.full_name}", deployment_id=wanted[-1].id if wanted else None,
        building=space.id in found.building, failed=failed, stopped=not wanted and last is not None,
    )  # fmt: skip


def _preview_routes(space: Space, previews: list[Preview], settings: PlatformSettings) -> list[SpaceRoute]:
    """Each one's own, and each branch's, which leads to the newest."""
    hub_url = f"{settings.hub_url}/spaces/{space.full_name}/versions"
    title = space.card.title or space.name
    own = [
        SpaceRoute(
            host=settings.app_host(each.label), space_id=space.id, space=space.full_name, hub_url=hub_url,
            title=f"{title}, version {each.version}", deployment_id=each.id,
            failed=each.detail if each.observed is InstanceStatus.FAILED else None,
        )
        for each in previews
    ]  # fmt: skip
    newest = {each.alias: each for each in previews}  # oldest first: the last one stays
    return own + [
        SpaceRoute(
            host=settings.app_host(alias), space_id=space.id, space=space.full_name, hub_url=hub_url, title=title,
            leads_to=settings.app_host(each.label),
        )
        for alias, each in newest.items()
    ]  # fmt: skip


def environment_of(space: Space, hardware: Hardware, settings: PlatformSettings, *, host: str = "") -> dict[str, str]:
    """What a Hugging Face Space finds in its environment about itself (hf-compat 2.4); `host` is a preview's."""
    host = host or host_of(space, settings)
    return {
        "SPACE_ID": space.full_name,
        "SPACE_AUTHOR_NAME": space.owner.name,
        "SPACE_REPO_NAME": space.name,
        "SPACE_TITLE": space.card.title or space.name,
        "SPACE_HOST": settings.url_of(host).split("://", 1)[1],
        "SPACE_SUBDOMAIN": host.partition(".")[0],
        "SPACE_CREATOR_USER_ID": space.owner_id[:24],
        "ACCELERATOR": hardware.name if hardware.gpus else "none",
        "CPU_CORES": f"{hardware.cpus:g}",
        "MEMORY": f"{hardware.memory_mb // 1024}Gi",
    } | clients.environment_of(space, settings)
