"""A Space's view, read in a thread and completed with its log: for the page and for its live changes alike."""

import anyio.to_thread
from sqlalchemy.orm import Session

from minispaces_contract.logstream import Entry
from minispaces_contract.states import BuildStatus
from minispaces_platform.access import Actor
from minispaces_platform.builds.hints import hint_of
from minispaces_platform.builds.log_lines import failing_lines, lines_html
from minispaces_platform.builds.logs import read_build_log
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.spaces.queries import SpaceNow, find_now, look_at
from minispaces_platform.spaces.views import SpaceView, rights_of, view_of


def head_of(session: Session, parts: Parts, actor: Actor, space: Space, *, tab: str) -> SpaceView:
    """What stands at the top of each of a Space's pages. Two statements."""
    (now,) = look_at(session, [space])
    return view_of(now, parts.settings, tab=tab, rights=rights_of(actor, space))


async def now_of(parts: Parts, space: Space) -> SpaceNow:
    def read() -> SpaceNow:
        with parts.database.reading() as session:
            return look_at(session, [space])[0]

    return await anyio.to_thread.run_sync(read)


async def now_by_id(parts: Parts, space_id: str) -> SpaceNow | None:
    def read() -> SpaceNow | None:
        with parts.database.reading() as session:
            return find_now(session, space_id)

    return await anyio.to_thread.run_sync(read)


async def overview(parts: Parts, now: SpaceNow, actor: Actor, *, query: str = "") -> SpaceView:
    """The failing lines are shown to those who may read the logs."""
    rights = rights_of(actor, now.space)
    failing = await _failure(parts, now) if rights.logs else []
    hint = hint_of([entry.text for entry in failing]) if failing else ""
    return view_of(now, parts.settings, query=query, lines=lines_html(failing), hint=hint, rights=rights)


async def _failure(parts: Parts, now: SpaceNow) -> list[Entry]:
    if now.build is None or now.build.status is not BuildStatus.FAILED:
        return []
    return failing_lines((await read_build_log(parts, now.build.id)).entries)
