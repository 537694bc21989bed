"""Which deployments sleep since when, on disk: a stopped one looks to a new runner like one that is to be started."""

import json
from collections.abc import Mapping
from pathlib import Path

import structlog

log = structlog.get_logger()


def load_sleepers(path: Path) -> dict[str, float]:
    try:
        return {str(name): float(since) for name, since in json.loads(path.read_bytes()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, TypeError) as error:
        log.warning("sleepers_unreadable", reason=str(error))
        return {}


def save_sleepers(path: Path, sleepers: Mapping[str, float]) -> None:
    """Written only when it says something else."""
    if load_sleepers(path) == sleepers:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(dict(sleepers)))
    new.replace(path)
