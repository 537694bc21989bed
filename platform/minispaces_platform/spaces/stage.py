"""The one word shown to people for a Space, from what is known of it. Pure.

The Hub's DELETING is never said: a Space is gone with the transaction that deletes it.
"""

from dataclasses import dataclass

from minispaces_contract.states import BuildStatus, DesiredState, InstanceStatus, Stage


@dataclass(frozen=True, slots=True)
class Facts:
    """The newest build (None before the first push) and the deployments that matter.

    `failed_stage` is the builder's own word for a failure, if it had one; `newest` the newest deployment, observed
    and desired; `serving` whether any deployment answers now.
    """

    build: BuildStatus | None = None
    failed_stage: Stage | None = None
    newest: tuple[InstanceStatus, DesiredState] | None = None
    serving: bool = False


def stage_of(facts: Facts) -> Stage:
    """The Hub's word (hf-compat 2.9). An older version that still serves turns BUILDING into RUNNING_BUILDING.

    One whose artifact is gone is built again, and so says BUILDING where others say APP_STARTING.
    """
    match facts.build:
        case None:
            return Stage.NO_APP_FILE
        case BuildStatus.QUEUED | BuildStatus.BUILDING:
            return Stage.RUNNING_BUILDING if facts.serving else Stage.BUILDING
        case BuildStatus.FAILED:
            return facts.failed_stage or Stage.BUILD_ERROR
        case BuildStatus.SUCCEEDED | BuildStatus.CANCELLED:
            return _stage_of_deployment(facts)


def _stage_of_deployment(facts: Facts) -> Stage:
    match facts.newest:
        case None:
            return Stage.STOPPED
        case (InstanceStatus.FAILED, _):
            return Stage.RUNTIME_ERROR
        case (_, DesiredState.STOPPED):
            return Stage.PAUSED
        case (InstanceStatus.STARTING, _) if facts.serving:
            return Stage.RUNNING_APP_STARTING
        case (observed, _):
            return _OF_WANTED[observed]


_OF_WANTED = {
    InstanceStatus.STARTING: Stage.APP_STARTING,
    InstanceStatus.RUNNING: Stage.RUNNING,
    InstanceStatus.SLEEPING: Stage.SLEEPING,
    InstanceStatus.STOPPED: Stage.STOPPED,
}
