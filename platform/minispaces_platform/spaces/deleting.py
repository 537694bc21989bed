"""A Space goes, with everything that is only its own. What was done with it stays in the audit log."""

import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import redis
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from minispaces_contract import logstream
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.builds.archive import path_of
from minispaces_platform.changes import announce
from minispaces_platform.database import after_commit
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.spaces.service import hint_channels
from minispaces_platform.storage.service import give_up
from minispaces_platform.thumbnails import store as thumbnails

ORPHAN_SECONDS = 3600
"""A repository is made before its Space is on disk for all to see: younger ones are left alone."""


def delete_space(session: Session, parts: Parts, actor: Actor, space: Space) -> None:
    """Rows now, files after the commit. The runner stops what is no longer to run, the collector takes artifacts."""
    builds = session.scalars(select(Build.id).where(Build.space_id == space.id)).all()
    deployments = session.scalars(select(Deployment.id).where(Deployment.space_id == space.id)).all()
    audit.record(session, actor, "space.delete", space, versions=space.versions)
    give_up(session, space.id)
    session.flush()
    session.execute(delete(Space).where(Space.id == space.id))
    logs = [*map(logstream.build_log, builds), *map(logstream.app_log, deployments)]
    after_commit(session, lambda: _forget(parts, space.id, builds, logs))
    announce(session, *hint_channels(space.id))


def sweep_orphans(parts: Parts) -> None:
    """What a crash left behind of Spaces that are gone."""
    with parts.database.reading() as session:
        spaces = {f"{space_id}.git" for space_id in session.scalars(select(Space.id))}
        builds = {path_of(parts, build_id).name for build_id in session.scalars(select(Build.id))}
    for path in _old(parts.store.root.glob("*.git")):
        if path.name not in spaces and path != parts.store.empty:
            parts.store.delete(path.stem)
    for path in _old(thumbnails.folder(parts.settings).glob("*")):
        if f"{path.name}.git" not in spaces:
            shutil.rmtree(path, ignore_errors=True)
    for path in _old(parts.settings.archived_logs.glob("*.jsonl.gz")):
        if path.name not in builds:
            path.unlink(missing_ok=True)


def _forget(parts: Parts, space_id: str, builds: Iterable[str], logs: list[str]) -> None:
    """What fails here, `sweep_orphans` finds."""
    parts.store.delete(space_id)
    shutil.rmtree(thumbnails.folder_of(parts.settings, space_id), ignore_errors=True)
    for build_id in builds:
        path_of(parts, build_id).unlink(missing_ok=True)
    with suppress(redis.RedisError):
        if logs:
            parts.redis_sync.delete(*logs)


def _old(paths: Iterable[Path]) -> list[Path]:
    before = time.time() - ORPHAN_SECONDS
    return [path for path in paths if path.stat().st_mtime < before]
