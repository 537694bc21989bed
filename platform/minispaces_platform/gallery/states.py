"""The states that people filter by, in stages."""

from minispaces_contract.states import Stage
from minispaces_platform.gallery.asking import State

_RUNNING = frozenset({Stage.RUNNING, Stage.RUNNING_BUILDING, Stage.RUNNING_APP_STARTING})
_BUILDING = frozenset({Stage.BUILDING, Stage.APP_STARTING})
_FAILED = frozenset({Stage.CONFIG_ERROR, Stage.BUILD_ERROR, Stage.RUNTIME_ERROR})
_STATES = (
    dict.fromkeys(_RUNNING, State.RUNNING)
    | dict.fromkeys(_BUILDING, State.BUILDING)
    | dict.fromkeys(_FAILED, State.FAILED)
    | {Stage.SLEEPING: State.SLEEPING}
)


def state_of(stage: Stage) -> State:
    """Whatever answers is running, whatever else happens to it."""
    return _STATES.get(stage, State.STOPPED)


def stages_of(state: State) -> tuple[Stage, ...]:
    return tuple(stage for stage in Stage if state_of(stage) is state)
