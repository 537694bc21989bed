"""Many Spaces at a glance, for lists: what a card shows and nothing else, in two statements."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session, joinedload, load_only

from minispaces_contract.states import BuildStatus, DesiredState, InstanceStatus, Stage
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.spaces import Space
from minispaces_platform.spaces.stage import Facts, stage_of

_SHOWN = (
    Space.name, Space.owner_id, Space.card, Space.visibility, Space.taken_down_at, Space.updated_at, Space.likes,
    Space.thumbnail,
)  # fmt: skip
_Seen = tuple[InstanceStatus, DesiredState]


@dataclass(frozen=True, slots=True)
class SpaceBrief:
    """A Space and the word for its state: what a card needs."""

    space: Space
    stage: Stage


# Made once: putting such statements together takes longer than answering them.
_SPACES = (
    select(Space, Build.status, Build.failed_stage)
    .outerjoin(Build, and_(Build.space_id == Space.id, Build.version == Space.versions))
    .options(load_only(*_SHOWN, raiseload=True), joinedload(Space.owner).load_only(Namespace.name, raiseload=True))
    .where(Space.id.in_(bindparam("ids", expanding=True)))
)
_DEPLOYMENTS = (
    select(Deployment.space_id, Deployment.observed, Deployment.desired)
    .where(Deployment.space_id.in_(bindparam("ids", expanding=True)))
    .order_by(Deployment.id)
)


def briefs(session: Session, ids: Sequence[str]) -> list[SpaceBrief]:
    """In the order of `ids`. Two statements."""
    if not ids:
        return []
    rows = session.execute(_SPACES, {"ids": ids}).all()
    seen = _deployments(session, ids)
    found = {
        space.id: SpaceBrief(space, stage_of(_facts(status, failed_stage, seen.get(space.id, []))))
        for space, status, failed_stage in rows
    }
    return [found[it] for it in ids if it in found]


def _deployments(session: Session, ids: Sequence[str]) -> dict[str, list[_Seen]]:
    """Observed and desired of each Space's, oldest first."""
    found: dict[str, list[_Seen]] = {}
    for space_id, observed, desired in session.execute(_DEPLOYMENTS, {"ids": ids}):
        found.setdefault(space_id, []).append((observed, desired))
    return found


def _facts(build: BuildStatus | None, failed_stage: Stage | None, deployments: list[_Seen]) -> Facts:
    if build is None:
        return Facts()
    serving = (InstanceStatus.RUNNING, DesiredState.RUNNING) in deployments
    return Facts(build, failed_stage, deployments[-1] if deployments else None, serving=serving)
