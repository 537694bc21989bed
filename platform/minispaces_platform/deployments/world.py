"""The desired world: what should run and which host leads to it, in one answer for the runner."""

import json
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from minispaces_contract.messages import Artifact, DeploymentSpec, DesiredWorld, Hardware, SpaceRoute
from minispaces_contract.states import BuildStatus, DesiredState, InstanceStatus, Sdk
from minispaces_platform.configuration.queries import Values, values_of
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.spaces import Space
from minispaces_platform.oauth import clients
from minispaces_platform.settings import PlatformSettings

NO_VALUES = Values()
STATIC_VARIABLES = "SPACE_VARIABLES"
"""Where the server of static pages finds what it publishes to them."""


def desired_world(session: Session, settings: PlatformSettings) -> DesiredWorld:
    """Four statements, however many Spaces there are. Of one that was taken down nothing runs."""
    spaces = session.scalars(select(Space).options(joinedload(Space.owner))).all()
    building = set(
        session.scalars(select(Build.space_id).where(Build.status.in_([BuildStatus.QUEUED, BuildStatus.BUILDING])))
    )
    values = values_of(session, settings)
    down = {space.id for space in spaces if space.taken_down_at}
    by_space: dict[str, list[Deployment]] = defaultdict(list)
    last: dict[str, Deployment] = {}
    for deployment in _wanted_or_newest(session):
        last[deployment.space_id] = deployment
        if deployment.desired is DesiredState.RUNNING and deployment.space_id not in down:
            by_space[deployment.space_id].append(deployment)
    return DesiredWorld(
        deployments=tuple(
            _spec(item, space, values.get(space.id, NO_VALUES), settings)
            for space in spaces
            for item in by_space[space.id]
        ),
        routes=tuple(
            _route(space, by_space[space.id], last.get(space.id), settings, building=space.id in building)
            for space in spaces
        ),
    )


def _wanted_or_newest(session: Session) -> Sequence[Deployment]:
    """Oldest first. The newest of a Space says what became of it, also where nothing should run."""
    newest = select(func.max(Deployment.id)).group_by(Deployment.space_id)
    return session.scalars(
        select(Deployment)
        .where(or_(Deployment.desired == DesiredState.RUNNING, Deployment.id.in_(newest)))
        .order_by(Deployment.id)
    ).all()


def host_of(space: Space, settings: PlatformSettings) -> str:
    return f"{space.host_label}.{settings.apps_domain}"


def _spec(deployment: Deployment, space: Space, values: Values, settings: PlatformSettings) -> DeploymentSpec:
    return DeploymentSpec(
        id=deployment.id, space_id=space.id, space=space.full_name, host=host_of(space, settings),
        version=deployment.version, commit=deployment.commit, build_id=deployment.build_id,
        artifact=deployment.artifact,
        env=_given(deployment.artifact, values) | environment_of(space, deployment.hardware, settings),
        secrets=tuple(values.secrets), hardware=deployment.hardware,
        desired=deployment.desired, startup_seconds=deployment.startup_seconds,
    )  # fmt: skip


def _given(artifact: Artifact, values: Values) -> dict[str, str]:
    """A static Space's pages are told its variables by their server; a secret would be told to every visitor."""
    if artifact.sdk is Sdk.STATIC:
        return {STATIC_VARIABLES: json.dumps(values.variables)} if values.variables else {}
    return values.variables | values.secrets


def _route(
    space: Space, deployments: list[Deployment], last: Deployment | None, settings: PlatformSettings, *, building: bool
) -> SpaceRoute:
    """`last` is the newest deployment, whether or not it should run."""
    newest = deployments[-1] if deployments else None
    failed = last.detail if last and last.observed is InstanceStatus.FAILED else None
    if space.taken_down_at:
        failed = f"An administrator took this app down: {space.taken_down_reason}"
    return SpaceRoute(
        host=host_of(space, settings), space=space.full_name, title=space.card.title or space.name,
        hub_url=f"{settings.hub_url}/spaces/{space.full_name}", deployment_id=newest.id if newest else None,
        building=building, failed=failed, stopped=newest is None and last is not None,
    )  # fmt: skip


def environment_of(space: Space, hardware: Hardware, settings: PlatformSettings) -> dict[str, str]:
    """What a Hugging Face Space finds in its environment about itself (hf-compat 2.4)."""
    return {
        "SPACE_ID": space.full_name,
        "SPACE_AUTHOR_NAME": space.owner.name,
        "SPACE_REPO_NAME": space.name,
        "SPACE_TITLE": space.card.title or space.name,
        "SPACE_HOST": settings.url_of(host_of(space, settings)).split("://", 1)[1],
        "SPACE_SUBDOMAIN": space.host_label,
        "SPACE_CREATOR_USER_ID": space.owner_id[:24],
        "ACCELERATOR": hardware.name if hardware.gpus else "none",
        "CPU_CORES": f"{hardware.cpus:g}",
        "MEMORY": f"{hardware.memory_mb // 1024}Gi",
    } | clients.environment_of(space, settings)
