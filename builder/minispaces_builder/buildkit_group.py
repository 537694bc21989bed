"""BuildKit's steps run in groups of the engine's own: what bounds them is the group above, where it is ours to reach.

BuildKit has no limits for single builds that every release keeps, so all of them share what `builds_at_once` may have.
"""

from dataclasses import replace

import structlog

from minispaces_builder.build_group import Limits, folders_of, is_version_1, limit
from minispaces_builder.settings import BuilderSettings

GROUP = "docker/buildkit"

_log = structlog.get_logger()


def limit_buildkit(settings: BuilderSettings) -> None:
    """Before every build: an engine that starts anew makes its groups anew."""
    one, at_once = Limits.of(settings), settings.builds_at_once
    together = replace(one, memory_mb=one.memory_mb * at_once, pids=one.pids * at_once)
    folders = folders_of(GROUP)
    try:
        if not is_version_1() and not folders["memory"].is_dir():
            _log.debug("buildkit_not_limited", reason="its group is elsewhere, or there was no build yet")
            return
        for folder in set(folders.values()):
            folder.mkdir(exist_ok=True)
        limit(folders, together)
    except OSError as error:
        _log.warning("buildkit_not_limited", reason=str(error))
