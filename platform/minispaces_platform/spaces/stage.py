"""The one word shown to people for a Space, from what is known of it. Pure."""

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
    """The Hub's word (hf-compat 2.9). An older version that still serves turns BUILDING into RUNNING_BUILDING."""
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
        case (InstanceStatus.STOPPED, _):
            return Stage.STOPPED
        case (InstanceStatus.STARTING, _):
            return Stage.RUNNING_APP_STARTING if facts.serving else Stage.APP_STARTING
        case _:
            return Stage.RUNNING
