"""Storage in the desired world: a Space's own host gets what it keeps, its previews an empty folder there."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from minispaces_contract.messages import DeploymentSpec, DesiredWorld, Storage
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.storage.queries import Kept, removed_storages, storages


def add_storage(session: Session, world: DesiredWorld, settings: PlatformSettings) -> DesiredWorld:
    """Two statements."""
    kept = storages(session)
    return world.model_copy(
        update={
            "deployments": tuple(_given(spec, kept, settings) for spec in world.deployments),
            "storages": tuple(each.storage for each in kept.values()),
            "removed_storages": removed_storages(session),
        }
    )


def _given(spec: DeploymentSpec, kept: Mapping[str, Kept], settings: PlatformSettings) -> DeploymentSpec:
    mine = kept.get(spec.space_id)
    if mine is None:
        return spec
    is_own = spec.host == settings.app_host(mine.host_label)
    return spec.model_copy(update={"storage": mine.storage if is_own else Storage(size_mb=mine.storage.size_mb)})
