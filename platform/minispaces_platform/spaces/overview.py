"""A Space's view, read in a thread and completed with its log: for the page and for its live changes alike."""

import anyio.to_thread
from markupsafe import Markup

from minispaces_contract.states import BuildStatus
from minispaces_platform.builds.log_lines import failing_lines, lines_html
from minispaces_platform.builds.logs import read_build_log
from minispaces_platform.parts import Parts
from minispaces_platform.spaces.queries import SpaceNow, find_now, look_at
from minispaces_platform.spaces.service import get_space
from minispaces_platform.spaces.views import SpaceView, view_of


async def now_by_name(parts: Parts, owner: str, name: str) -> SpaceNow:
    """Raises NotFoundError."""

    def read() -> SpaceNow:
        with parts.database.reading() as session:
            return look_at(session, [get_space(session, owner, name)])[0]

    return await anyio.to_thread.run_sync(read)


async def now_by_id(parts: Parts, space_id: str) -> SpaceNow | None:
    def read() -> SpaceNow | None:
        with parts.database.reading() as session:
            return find_now(session, space_id)

    return await anyio.to_thread.run_sync(read)


async def overview(parts: Parts, now: SpaceNow, *, query: str = "") -> SpaceView:
    return view_of(now, parts.settings, query=query, lines=await _failure(parts, now))


async def _failure(parts: Parts, now: SpaceNow) -> Markup:
    if now.build is None or now.build.status is not BuildStatus.FAILED:
        return Markup()
    log = await read_build_log(parts, now.build.id)
    return lines_html(failing_lines(log.entries))
