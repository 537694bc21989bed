"""What can go wrong in a build, in words for the person who pushed."""

from minispaces_contract.states import Stage


class BuildError(Exception):
    """The message is one or two sentences for people: no paths of the server, no engine text."""

    def __init__(self, message: str, stage: Stage = Stage.BUILD_ERROR) -> None:
        super().__init__(message)
        self.stage = stage


class BuildStoppedError(Exception):
    """The build was told to stop from outside (its lease is lost): nobody wants to hear its outcome."""
