"""What the Docker engine says, in words for people; its own text only goes into the runner's log."""

from collections.abc import Iterator
from contextlib import contextmanager

import docker.errors
import requests
import structlog

from minispaces_runner.engine import EngineError

_log = structlog.get_logger()
_NO_GPU = (
    "could not select device driver",
    "unknown runtime specified",
    "error gathering device information",
)
_GPU = "This machine's Docker has no GPU runtime: install the NVIDIA container toolkit, or choose CPU hardware."
_AWAY = "The Docker engine does not answer: see whether dockerd runs on this machine."


@contextmanager
def in_words() -> Iterator[None]:
    """Turn the SDK's errors into EngineError."""
    try:
        yield
    except (docker.errors.DockerException, requests.RequestException) as error:
        _log.warning("docker_refused", reason=str(error))
        raise EngineError(explain(error)) from None


def explain(error: Exception) -> str:
    match error:
        case docker.errors.ImageNotFound():
            return "The image of this version is gone from this machine; build it again."
        case docker.errors.APIError() if any(sign in str(error).lower() for sign in _NO_GPU):
            return _GPU
        case docker.errors.APIError() if "no space left on device" in str(error):
            return "This machine's disk is full: the app could not be started."
        case docker.errors.APIError():
            return "Docker refused to start this app; the runner's log says why."
        case _:
            return _AWAY
