"""Which artifacts must stay: what runs or should, what somebody can go back to or promote, and previews.

An artifact that was left out once counts as gone from then on, whatever is wanted later: the collector may be about to
remove it. So nothing is ever started whose files are on their way out.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select, union, update
from sqlalchemy.orm import Session

from minispaces_contract.messages import Artifact, KeptArtifacts
from minispaces_contract.states import ArtifactKind, BuildStatus, DesiredState
from minispaces_platform.database import now
from minispaces_platform.models import Build, Deployment, Preview
from minispaces_platform.models.builds import Purpose
from minispaces_platform.releases.configurations import forget_configurations


def keep_artifacts(session: Session, *, versions: int) -> KeptArtifacts:
    """The collector's question: what the answer does not name is let go."""
    there = Build.status == BuildStatus.SUCCEEDED, Build.artifact.is_not(None), Build.let_go_at.is_(None)
    gone = session.scalars(
        update(Build).where(*there, Build.id.not_in(_kept_ids(versions)))
        .values(let_go_at=now()).returning(Build.id).execution_options(synchronize_session=False)
    ).all()  # fmt: skip
    if gone:
        forget_configurations(session, gone)
    return _told([artifact for artifact in session.scalars(select(Build.artifact).where(*there)) if artifact])


def _kept_ids(versions: int) -> Any:
    """Builds: each Space's newest good ones and its newest, those that run or were deployed last, and previews."""
    good = select(Deployment.id).where(Deployment.build_id == Build.id, Deployment.live_at.is_not(None)).exists()
    rank = func.row_number().over(partition_by=(Build.space_id, good), order_by=Build.version.desc())
    ranked = (
        select(Build.id, good.label("good"), rank.label("rank"))
        .where(Build.status == BuildStatus.SUCCEEDED, Build.artifact.is_not(None), Build.let_go_at.is_(None))
        .where(or_(good, Build.purpose != Purpose.PREVIEW))
        .subquery()
    )
    last = select(func.max(Deployment.id)).group_by(Deployment.space_id)
    return union(
        select(ranked.c.id).where(or_(ranked.c.good & (ranked.c.rank <= versions), ranked.c.rank == 1)),
        select(Deployment.build_id).where(or_(Deployment.desired == DesiredState.RUNNING, Deployment.id.in_(last))),
        select(Preview.build_id),
    )


def _told(kept: Sequence[Artifact]) -> KeptArtifacts:
    return KeptArtifacts(
        images=tuple({item.reference for item in kept if item.kind is ArtifactKind.IMAGE}),
        bundles=tuple({item.reference for item in kept if item.kind is ArtifactKind.BUNDLE}),
        environments=tuple({item.environment for item in kept if item.environment}),
    )
