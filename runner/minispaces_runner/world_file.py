"""The last desired world on disk, so that a machine that starts without its platform serves its apps all the same."""

from pathlib import Path

import structlog
from pydantic import ValidationError

from minispaces_contract.messages import DesiredWorld

EMPTY = DesiredWorld(deployments=(), routes=())

log = structlog.get_logger()


def load_world(path: Path) -> DesiredWorld | None:
    """None when none was ever seen, or the file is of another release."""
    try:
        return DesiredWorld.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        log.warning("world_file_unreadable", errors=error.error_count())
        return None


def save_world(path: Path, world: DesiredWorld) -> None:
    """Readable by the runner alone: it holds the apps' secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(world.model_dump_json())
    new.replace(path)
