"""Sweeps that make true what a hint, a message or a crash may have lost. Each is idempotent."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio.to_thread
import structlog
from sqlalchemy import delete, select

from minispaces_platform.builds import archive
from minispaces_platform.builds import service as builds
from minispaces_platform.database import now
from minispaces_platform.gallery.sweeps import sweep_gallery
from minispaces_platform.models import Revision, Space
from minispaces_platform.models.accounts import LoginLink, LoginSession
from minispaces_platform.oauth import service as oauth
from minispaces_platform.outages import is_outage
from minispaces_platform.parts import Parts
from minispaces_platform.repos.inspection import read_config_of
from minispaces_platform.repos.landing import Tip, record_tip, tip_of
from minispaces_platform.repos.sizes import measure_unmeasured
from minispaces_platform.spaces.deleting import sweep_orphans
from minispaces_platform.storage.service import forget_removed
from minispaces_platform.thumbnails.service import get_lost_pictures

log = structlog.get_logger()

PERIOD = 5.0
UNCLAIMED = timedelta(seconds=15)
"""A queued build that nobody claimed for so long is sent again; twice is harmless."""
SLOW_EVERY = 60
"""Of so many periods, one also does the slow sweeps."""


async def _sweep_builds(parts: Parts) -> None:
    await anyio.to_thread.run_sync(resend_builds, parts)


def resend_builds(parts: Parts) -> None:
    with parts.database.reading() as session:
        lost = builds.waiting(session, since=now() - UNCLAIMED)
    for build_id, late in lost:
        builds.send(parts, build_id, late=late)
    with parts.database.writing() as session:
        if expired := builds.expire_leases(session, parts):
            log.warning("leases_expired", builds=expired)


async def _sweep_logs(parts: Parts) -> None:
    for build_id, ended_at in await anyio.to_thread.run_sync(archive.unarchived, parts):
        await archive.archive_log(parts, build_id, ended_at=ended_at)


async def _sweep_notices(parts: Parts) -> None:
    await anyio.to_thread.run_sync(parts.board.look, parts.database)


async def _sweep_storage(parts: Parts) -> None:
    await anyio.to_thread.run_sync(_forget_storage, parts)


def _forget_storage(parts: Parts) -> None:
    with parts.database.writing() as session:
        forget_removed(session)


async def _sweep_refs(parts: Parts) -> None:
    await anyio.to_thread.run_sync(record_unrecorded_tips, parts)


def record_unrecorded_tips(parts: Parts) -> None:
    """Build what a push left behind when the platform died between git's refs and our rows."""
    deployed = Revision.space_id == Space.id, Revision.branch == Space.default_branch
    newest = select(Revision.commit).where(*deployed).order_by(Revision.id.desc()).limit(1)
    with parts.database.reading() as session:
        known = session.execute(select(Space.id, Space.default_branch, newest.scalar_subquery())).all()
    for space_id, branch, commit in known:
        tip = tip_of(parts.store, space_id, branch)
        if tip and tip != commit:
            log.warning("unrecorded_tip", space=space_id, commit=tip)
            record_tip(parts, space_id, Tip(branch, tip, read_config_of(parts.store, space_id, tip)))


async def _sweep_logins(parts: Parts) -> None:
    await anyio.to_thread.run_sync(_forget_logins, parts)


def _forget_logins(parts: Parts) -> None:
    with parts.database.writing() as session:
        for table in (LoginLink, LoginSession):
            session.execute(delete(table).where(table.expires_at < now()))
        oauth.forget_expired(session)


async def _sweep_deleted(parts: Parts) -> None:
    await anyio.to_thread.run_sync(sweep_orphans, parts)


async def _sweep_pictures(parts: Parts) -> None:
    await anyio.to_thread.run_sync(get_lost_pictures, parts)


async def _sweep_sizes(parts: Parts) -> None:
    await anyio.to_thread.run_sync(measure_unmeasured, parts)


async def _sweep_gallery(parts: Parts) -> None:
    await anyio.to_thread.run_sync(sweep_gallery, parts)


async def _collect(parts: Parts) -> None:
    await anyio.to_thread.run_sync(lambda: parts.queue.send_task("builder.collect", queue=builds.QUEUE, retry=False))


QUICK_SWEEPS = (_sweep_builds, _sweep_logs, _sweep_notices)
SLOW_SWEEPS = (
    _sweep_refs, _sweep_logins, _sweep_deleted, _sweep_pictures, _sweep_gallery, _sweep_sizes, _sweep_storage,
    _collect,
)  # fmt: skip


async def run_janitor(parts: Parts) -> None:
    """Until cancelled. Once a part is back that was away, everything is looked at."""
    turn, was_well = 0, True
    while True:
        well = await _sweep(parts, *QUICK_SWEEPS)
        if turn % SLOW_EVERY == 0 or (well and not was_well):
            await _sweep(parts, *SLOW_SWEEPS)  # where these fail, the next time is soon enough
        turn, was_well = turn + 1, well
        await asyncio.sleep(PERIOD * random.uniform(0.8, 1.2))  # noqa: S311 - jitter


async def _sweep(parts: Parts, *sweeps: Callable[[Parts], Awaitable[None]]) -> bool:
    """False where a part was away. A sweep that fails is logged and tried again."""
    well = True
    for sweep in sweeps:
        try:
            await sweep(parts)
        except Exception as error:
            if is_outage(error):
                well = False
                log.warning("sweep_failed", sweep=sweep.__name__, reason=str(error)[:300])
            else:
                log.exception("sweep_broken", sweep=sweep.__name__)
    return well
