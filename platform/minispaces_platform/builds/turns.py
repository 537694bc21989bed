"""Whose build is made next: owners take turns, however many builds one of them has waiting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_contract.states import BuildStatus
from minispaces_platform.models.builds import Build, Purpose
from minispaces_platform.models.notices import Quota
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.pushes import outcome

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    build_id: str
    owner_id: str
    is_late: bool = False
    """A preview: made when nothing else waits."""


@dataclass(frozen=True, slots=True)
class Making:
    """What builders do for an owner now, and when they last began something. `most` None is no limit."""

    now: int = 0
    last: datetime = _NEVER
    most: int | None = None


def in_turn(waiting: Iterable[Waiting], making: Mapping[str, Making]) -> list[str]:
    """Builds that wait, next first. Whoever has the fewest being made goes first, then who waited longest for a turn.

    Builds that would be more than their owner may have at once come last, and `may_begin` says so of them.
    """
    by_owner: dict[str, list[Waiting]] = {}
    for each in sorted(waiting, key=lambda each: (each.is_late, each.build_id)):
        by_owner.setdefault(each.owner_id, []).append(each)
    taken = {owner: each.now for owner, each in making.items()}
    turns = list[str]()
    began = {owner: (0, each.last) for owner, each in making.items()}

    def turn(each: Waiting) -> tuple[bool, bool, int, tuple[int, datetime], str]:
        busy, last = taken.get(each.owner_id, 0), began.get(each.owner_id, (0, _NEVER))
        return (_full(each, taken, making), each.is_late, busy, last, each.build_id)

    while heads := [builds[0] for builds in by_owner.values() if builds]:
        chosen = min(heads, key=turn)
        by_owner[chosen.owner_id].pop(0)
        turns.append(chosen.build_id)
        taken[chosen.owner_id] = taken.get(chosen.owner_id, 0) + 1
        began[chosen.owner_id] = (len(turns), _NEVER)
    return turns


def may_begin(build: Waiting, making: Mapping[str, Making]) -> bool:
    return not _full(build, {owner: each.now for owner, each in making.items()}, making)


def _full(build: Waiting, taken: Mapping[str, int], making: Mapping[str, Making]) -> bool:
    most = making.get(build.owner_id, Making()).most
    return most is not None and taken.get(build.owner_id, 0) >= most


def next_build(session: Session, told: str) -> str | None:
    """Which build a builder that was told of one shall make: the one whose turn it is.

    `told` itself where nothing waits: it may be one whose builder was lost. None while all that wait may not begin.
    """
    waiting, making = _waiting(session), _making(session)
    if not waiting:
        return told
    known = {each.build_id: each for each in waiting}
    return next((each for each in in_turn(waiting, making) if may_begin(known[each], making)), None)


def tell_place(parts: Parts, build_id: str) -> None:
    """Into the build's log, where builds come before it."""
    with parts.database.reading() as session:
        waiting, making = _waiting(session), _making(session)
    turns = in_turn(waiting, making)
    if build_id not in turns:
        return
    before = turns.index(build_id)
    it = next(each for each in waiting if each.build_id == build_id)
    if not may_begin(it, making):
        allowed = f"its owner may have {making[it.owner_id].most} built at once (an administrator may allow more)"
        outcome.say(parts, build_id, f"Waits for its turn: {allowed}")
    elif before:
        outcome.say(parts, build_id, f"Waits for its turn: {before} build{'' if before == 1 else 's'} before it")


def _waiting(session: Session) -> list[Waiting]:
    rows = session.execute(
        select(Build.id, Space.owner_id, Build.purpose)
        .join(Space, Space.id == Build.space_id)
        .where(Build.status == BuildStatus.QUEUED)
    )
    return [Waiting(build_id, owner_id, purpose is Purpose.PREVIEW) for build_id, owner_id, purpose in rows]


def _making(session: Session) -> dict[str, Making]:
    """Of every owner with a quota for builds, or with a build that has begun lately."""
    owners = select(Space.owner_id).join(Build, Build.space_id == Space.id).where(Build.status == BuildStatus.QUEUED)
    began = (
        select(
            Space.owner_id,
            func.count(Build.id).filter(Build.status == BuildStatus.BUILDING),
            func.max(Build.started_at),
        )
        .join(Build, Build.space_id == Space.id)
        .where(Space.owner_id.in_(owners))
        .group_by(Space.owner_id)
    )
    limits = dict(session.execute(select(Quota.namespace_id, Quota.builds)).all())
    return {owner: Making(busy, last or _NEVER, limits.get(owner)) for owner, busy, last in session.execute(began)}
