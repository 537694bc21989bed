"""Which engine runs the apps of this machine."""

import structlog

from minispaces_runner.engine import Engine, EngineError
from minispaces_runner.settings import RunnerSettings

log = structlog.get_logger()


async def open_engine(settings: RunnerSettings) -> Engine:
    """`auto` takes Docker when an engine answers. Raises EngineError.

    Imported late: the Docker SDK alone costs a process-engine installation 0.2 s at every start.
    """
    match settings.engine:
        case "docker":
            return await _open_docker(settings)
        case "process":
            return await _open_process(settings)
        case "auto":
            try:
                return await _open_docker(settings)
            except EngineError as error:
                log.info("no_docker", reason=str(error))
                return await _open_process(settings)


async def _open_docker(settings: RunnerSettings) -> Engine:
    from minispaces_runner.docker_engine import DockerEngine

    return await DockerEngine.open(settings)


async def _open_process(settings: RunnerSettings) -> Engine:
    from minispaces_runner.process_engine import ProcessEngine

    return await ProcessEngine.open(settings)
