"""Every closed set of words that crosses a room's wall. The only place where they are listed."""

from enum import StrEnum
from typing import Final


class Sdk(StrEnum):
    """How a repository's app is written: the `sdk` key of its front matter."""

    GRADIO = "gradio"
    STREAMLIT = "streamlit"
    STATIC = "static"
    DOCKER = "docker"


class ArtifactKind(StrEnum):
    """What a packager makes, and so which engines can run it."""

    IMAGE = "image"
    BUNDLE = "bundle"


class BuildStatus(StrEnum):
    """The life of one attempt to turn a Revision into an Artifact."""

    QUEUED = "queued"
    BUILDING = "building"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in {BuildStatus.SUCCEEDED, BuildStatus.FAILED, BuildStatus.CANCELLED}


UNFINISHED: Final = tuple(status for status in BuildStatus if not status.is_final)


class DesiredState(StrEnum):
    """What people want of a Deployment."""

    RUNNING = "running"
    STOPPED = "stopped"


class InstanceStatus(StrEnum):
    """What the runner sees of a Deployment's instance."""

    STARTING = "starting"
    RUNNING = "running"
    SLEEPING = "sleeping"
    STOPPED = "stopped"
    FAILED = "failed"


class Stage(StrEnum):
    """The one word shown to people for a Space; the Hub's `SpaceStage`."""

    NO_APP_FILE = "NO_APP_FILE"
    CONFIG_ERROR = "CONFIG_ERROR"
    BUILDING = "BUILDING"
    BUILD_ERROR = "BUILD_ERROR"
    APP_STARTING = "APP_STARTING"
    RUNNING = "RUNNING"
    RUNNING_BUILDING = "RUNNING_BUILDING"
    RUNNING_APP_STARTING = "RUNNING_APP_STARTING"
    RUNTIME_ERROR = "RUNTIME_ERROR"
    SLEEPING = "SLEEPING"
    STOPPED = "STOPPED"
    PAUSED = "PAUSED"
