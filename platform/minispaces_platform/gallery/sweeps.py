"""What the janitor does for the gallery: scores, and words of Spaces that are older than the search."""

from sqlalchemy import or_, select

from minispaces_platform.gallery.indexing import index_readme
from minispaces_platform.gallery.trending import refresh_trending
from minispaces_platform.models.search import SearchText
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.repos.inspection import read_config_of
from minispaces_platform.repos.landing import tip_of
from minispaces_platform.spaces.service import find_space_by_id

_AT_ONCE = 100


def sweep_gallery(parts: Parts) -> None:
    refresh_trending(parts.database)
    read_unread(parts)


def read_unread(parts: Parts) -> int:
    """How many READMEs it has read for the search; some at a time."""
    unread = or_(SearchText.id.is_(None), SearchText.readme.is_(None))
    with parts.database.reading() as session:
        spaces = session.execute(
            select(Space.id, Space.default_branch)
            .outerjoin(SearchText, SearchText.space_id == Space.id)
            .where(unread)
            .limit(_AT_ONCE)
        ).all()
    for space_id, branch in spaces:
        tip = tip_of(parts.store, space_id, branch)
        words = read_config_of(parts.store, space_id, tip).words if tip else ""
        with parts.database.writing() as session:
            if space := find_space_by_id(session, space_id):
                index_readme(session, space, words)
    return len(spaces)
