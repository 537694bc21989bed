"""Which artifacts must stay: what runs or should, and each Space's newest successful versions."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_contract.messages import Artifact, KeptArtifacts
from minispaces_contract.states import ArtifactKind, BuildStatus, DesiredState
from minispaces_platform.models import Build, Deployment


def kept_artifacts(session: Session, *, versions: int) -> KeptArtifacts:
    rank = func.row_number().over(partition_by=Build.space_id, order_by=Build.version.desc())
    newest = (
        select(Build.artifact, rank.label("rank"))
        .where(Build.status == BuildStatus.SUCCEEDED, Build.artifact.is_not(None))
        .subquery()
    )
    kept: list[Artifact] = [
        *session.scalars(select(newest.c.artifact).where(newest.c.rank <= versions)),
        *session.scalars(select(Deployment.artifact).where(Deployment.desired == DesiredState.RUNNING)),
    ]
    return KeptArtifacts(
        images=tuple({item.reference for item in kept if item.kind is ArtifactKind.IMAGE}),
        bundles=tuple({item.reference for item in kept if item.kind is ArtifactKind.BUNDLE}),
        environments=tuple({item.environment for item in kept if item.environment}),
    )
