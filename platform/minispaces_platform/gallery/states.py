"""The states that people filter by, as conditions on `Space`: `stage_of` once more, in SQL; a test compares them."""

from functools import cache

from sqlalchemy import ColumnElement, Select, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from minispaces_contract.states import UNFINISHED, BuildStatus, DesiredState, InstanceStatus, Stage
from minispaces_platform.gallery.asking import State
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.spaces import Space

_RUNNING = frozenset({Stage.RUNNING, Stage.RUNNING_BUILDING, Stage.RUNNING_APP_STARTING})
_BUILDING = frozenset({Stage.BUILDING, Stage.APP_STARTING})
_FAILED = frozenset({Stage.CONFIG_ERROR, Stage.BUILD_ERROR, Stage.RUNTIME_ERROR})
_STATES = (
    dict.fromkeys(_RUNNING, State.RUNNING)
    | dict.fromkeys(_BUILDING, State.BUILDING)
    | dict.fromkeys(_FAILED, State.FAILED)
    | {Stage.SLEEPING: State.SLEEPING}
)
_DONE = (BuildStatus.SUCCEEDED, BuildStatus.CANCELLED)


def state_of(stage: Stage) -> State:
    """Whatever answers is running, whatever else happens to it."""
    return _STATES.get(stage, State.STOPPED)


@cache
def is_in(state: State) -> ColumnElement[bool]:
    serves = exists().where(Deployment.space_id == Space.id, *_answers())
    busy, done = _build(Build.status.in_(UNFINISHED)), _build(Build.status.in_(_DONE))
    wanted = Deployment.desired == DesiredState.RUNNING
    starts = done & _deployment(wanted, Deployment.observed == InstanceStatus.STARTING)
    match state:
        case State.RUNNING:
            return (busy & serves) | (done & _deployment(*_answers())) | (starts & serves)
        case State.BUILDING:
            return (busy | starts) & not_(serves)
        case State.FAILED:
            word = or_(Build.failed_stage.is_(None), Build.failed_stage.in_(_FAILED))
            crashed = done & _deployment(Deployment.observed == InstanceStatus.FAILED)
            return _build(Build.status == BuildStatus.FAILED, word) | crashed
        case State.SLEEPING:
            return done & _deployment(wanted, Deployment.observed == InstanceStatus.SLEEPING)
        case State.STOPPED:
            return not_(or_(*(is_in(other) for other in State if other is not State.STOPPED)))


@cache
def may_be_in(state: State) -> Select[str] | None:
    """The ids of all that can be, and perhaps others, where an index has them."""
    match state:
        case State.BUILDING:
            starting = select(Deployment.space_id).where(Deployment.observed == InstanceStatus.STARTING)
            building = select(Build.space_id).where(Build.status.in_(UNFINISHED))
            return select(starting.union_all(building).subquery().c.space_id)
        case State.FAILED:
            broken = select(Build.space_id).where(Build.status == BuildStatus.FAILED)
            crashed = select(Deployment.space_id).where(Deployment.observed == InstanceStatus.FAILED)
            return select(broken.union_all(crashed).subquery().c.space_id)
        case _:
            return None


def _answers() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Deployment.observed == InstanceStatus.RUNNING, Deployment.desired == DesiredState.RUNNING


def _build(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """About the newest, which has the highest version given out."""
    return exists().where(Build.space_id == Space.id, Build.version == Space.versions, *conditions)


def _deployment(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    other = aliased(Deployment)
    newest = select(func.max(other.id)).where(other.space_id == Space.id).correlate(Space).scalar_subquery()
    return exists().where(Deployment.id == newest, *conditions).correlate(Space)
