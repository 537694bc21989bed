"""Reading Spaces for pages: a fixed number of statements, however many Spaces."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from minispaces_contract.states import DesiredState, InstanceStatus, Stage
from minispaces_platform.hardware.gpu_time import GpuPlace, find_places
from minispaces_platform.models.accounts import User
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.roles import Role
from minispaces_platform.models.spaces import Collaborator, Space
from minispaces_platform.spaces.stage import Facts, stage_of


@dataclass(frozen=True, slots=True)
class SpaceNow:
    """A Space and what decides its stage. `build` is the newest, with its revision; `serving` answers now.

    `opens` is what a visitor gets: what serves, or what sleeps and wakes for them.
    """

    space: Space
    build: Build | None
    newest: Deployment | None
    serving: Deployment | None
    opens: Deployment | None = None
    gpu: GpuPlace | None = None

    @property
    def stage(self) -> Stage:
        newest = (self.newest.observed, self.newest.desired) if self.newest else None
        if self.build is None:
            return stage_of(Facts())
        return stage_of(Facts(self.build.status, self.build.failed_stage, newest, serving=self.serving is not None))


# Made once: putting such statements together takes longer than answering them.
_IDS: BindParameter[Sequence[str]] = bindparam("ids", expanding=True)
_NEWEST_BUILDS = (
    select(Build)
    .join(Space, and_(Space.id == Build.space_id, Space.versions == Build.version))  # a preview's build is not it
    .options(joinedload(Build.revision))
    .where(Space.id.in_(_IDS))
)
_NEWEST_DEPLOYMENTS = select(func.max(Deployment.id)).where(Deployment.space_id.in_(_IDS)).group_by(Deployment.space_id)
_DEPLOYMENTS_THAT_MATTER = (
    select(Deployment)
    .where(
        Deployment.space_id.in_(_IDS),
        or_(Deployment.id.in_(_NEWEST_DEPLOYMENTS), Deployment.desired == DesiredState.RUNNING),
    )
    .order_by(Deployment.id)
)


def find_now(session: Session, space_id: str) -> SpaceNow | None:
    """One Space by id. Three statements."""
    space = session.scalar(select(Space).options(joinedload(Space.owner)).where(Space.id == space_id))
    return look_at(session, [space])[0] if space else None


def look_at(session: Session, spaces: Sequence[Space]) -> list[SpaceNow]:
    """What is the matter with each of `spaces`. Two statements, and one more for shared GPUs."""
    ids = {"ids": [space.id for space in spaces]}
    builds = {build.space_id: build for build in session.scalars(_NEWEST_BUILDS, ids)}
    newest: dict[str, Deployment] = {}
    serving: dict[str, Deployment] = {}
    wakes: dict[str, Deployment] = {}
    for deployment in session.scalars(_DEPLOYMENTS_THAT_MATTER, ids):  # oldest first: the last one written stays
        newest[deployment.space_id] = deployment
        if deployment.observed is InstanceStatus.RUNNING and deployment.desired is DesiredState.RUNNING:
            serving[deployment.space_id] = deployment
        if _wakes(deployment):
            wakes[deployment.space_id] = deployment
    queued = find_places(session, spaces)
    return [
        SpaceNow(it, builds.get(it.id), newest.get(it.id), serves, serves or wakes.get(it.id), queued.get(it.id))
        for it in spaces
        for serves in [serving.get(it.id)]
    ]


def _wakes(deployment: Deployment) -> bool:
    """Whether it sleeps, or is waking: it starts, and has answered before."""
    if deployment.desired is not DesiredState.RUNNING:
        return False
    waking = deployment.observed is InstanceStatus.STARTING and deployment.live_at is not None
    return waking or deployment.observed is InstanceStatus.SLEEPING


@dataclass(frozen=True, slots=True)
class CollaboratorNow:
    name: str
    full_name: str
    role: Role


def list_collaborators(session: Session, space_id: str) -> tuple[CollaboratorNow, ...]:
    rows = session.execute(
        select(User.name, User.full_name, Collaborator.role)
        .join(Collaborator, Collaborator.user_id == User.id)
        .where(Collaborator.space_id == space_id)
        .order_by(User.name)
    )
    return tuple(CollaboratorNow(name, full_name, role) for name, full_name, role in rows)
