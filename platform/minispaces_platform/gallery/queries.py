"""Reading a page of the gallery: ids along an index first, and then what their cards show. Nobody is told of more than
`readable` lets through, by no filter, tag or suggestion.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, select, true, tuple_
from sqlalchemy.orm import Session

from minispaces_platform.access import Actor, readable
from minispaces_platform.errors import InvalidError
from minispaces_platform.gallery.asking import Sort, Wanted
from minispaces_platform.gallery.search import matches, narrowed
from minispaces_platform.gallery.states import stages_of
from minispaces_platform.gallery.words import query_words
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.search import SpaceTag
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.stages import SpaceStage
from minispaces_platform.spaces.briefs import SpaceBrief, briefs

PAGE_SIZE = 24
TAGS_SHOWN = 9
_TAGS_FROM = 100
"""The tags on offer are those of so many Spaces that trend."""

_COLUMNS = {Sort.TRENDING: Space.trending, Sort.LIKES: Space.likes, Sort.NEW: Space.id, Sort.VISITS: Space.visits}


@dataclass(frozen=True, slots=True)
class Found:
    """`after` leads on; empty where nothing comes."""

    spaces: list[SpaceBrief]
    after: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a page ended: `tier` 0 is those whose names match, 1 those whose README does; `value` is the order's."""

    tier: int
    value: float
    id: str


def find_spaces(session: Session, actor: Actor, wanted: Wanted) -> Found:
    conditions = [readable(actor), *_filters(session, wanted)]
    mark, rows = _read_mark(wanted.after), list[tuple[int, Any, str]]()
    for tier, matching in enumerate(_tiers(session, wanted)):
        if mark is None or tier >= mark.tier:
            beyond = _beyond(wanted.order, mark) if mark and mark.tier == tier else true()
            rows += _ids(session, wanted.order, tier, and_(*conditions, matching, beyond), PAGE_SIZE + 1 - len(rows))
        if len(rows) > PAGE_SIZE:
            break
    shown = rows[:PAGE_SIZE]
    more = _after(wanted.order, *shown[-1]) if len(rows) > PAGE_SIZE else ""
    return Found(briefs(session, [space_id for _tier, _value, space_id in shown]), more)


def tags_on_offer(session: Session, actor: Actor) -> list[str]:
    """Of what trends among all that `actor` may read."""
    ids = select(Space.id).where(readable(actor)).order_by(Space.trending.desc(), Space.id.desc()).limit(_TAGS_FROM)
    often = func.count().desc()
    tags = select(SpaceTag.tag).where(SpaceTag.space_id.in_(ids)).group_by(SpaceTag.tag).order_by(often, SpaceTag.tag)
    return list(session.scalars(tags.limit(TAGS_SHOWN)))


def _filters(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.sdk:
        found.append(Space.sdk == wanted.sdk.value)
    if wanted.hardware:
        found.append(Space.hardware_name == wanted.hardware)
    if wanted.owner:
        owner = select(Namespace.id).where(func.lower(Namespace.name) == wanted.owner.lower())
        found.append(Space.owner_id == owner.scalar_subquery())
    if wanted.tag:
        tagged = select(SpaceTag.space_id).where(SpaceTag.tag == wanted.tag.lower())
        found.append(narrowed(session, tagged, tagged.where(SpaceTag.space_id == Space.id).exists()))
    if wanted.state:
        staged = select(SpaceStage.space_id).where(SpaceStage.stage.in_(stages_of(wanted.state)))
        found.append(narrowed(session, staged, staged.where(SpaceStage.space_id == Space.id).exists()))
    return found


def _tiers(session: Session, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """Whose names match come before those whose README does, which are looked for only to fill a page."""
    words = query_words(wanted.q)
    if not words:
        yield true()
        return
    yield (named := matches(session, words, everywhere=False))
    yield and_(matches(session, words, everywhere=True), not_(named))


def _ids(
    session: Session, order: Sort, tier: int, condition: ColumnElement[bool], limit: int
) -> list[tuple[int, Any, str]]:
    value = _COLUMNS[order]
    ids = select(value, Space.id).where(condition).order_by(value.desc(), Space.id.desc()).limit(limit)
    return [(tier, row[0], row[1]) for row in session.execute(ids)]


def _beyond(order: Sort, mark: _Mark) -> ColumnElement[bool]:
    if order is Sort.NEW:
        return Space.id < mark.id
    return tuple_(_COLUMNS[order], Space.id) < (mark.value, mark.id)


def _after(order: Sort, tier: int, value: Any, space_id: str) -> str:
    return f"{tier}_{0 if order is Sort.NEW else value!r}_{space_id}"


def _read_mark(text: str) -> _Mark | None:
    """Raises InvalidError for what no page of ours says."""
    if not text:
        return None
    try:
        tier, value, space_id = text.split("_")
        return _Mark(int(tier), float(value), space_id)
    except ValueError:
        raise InvalidError("There is no such page.", hint="Go back to the first one.") from None
