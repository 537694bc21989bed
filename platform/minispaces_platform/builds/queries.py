"""Reading builds for pages."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from minispaces_platform.models.builds import Build

PAGE_SIZE = 50


def list_builds(session: Session, space_id: str, *, before: int | None = None) -> Sequence[Build]:
    """Newest first with their revisions; one more than a page, so that the caller sees whether there are more."""
    older = (Build.version < before,) if before else ()
    return session.scalars(
        select(Build)
        .options(joinedload(Build.revision))
        .where(Build.space_id == space_id, *older)
        .order_by(Build.version.desc())
        .limit(PAGE_SIZE + 1)
    ).all()


def find_version(session: Session, space_id: str, *, version: int) -> Build | None:
    return session.scalar(
        select(Build).options(joinedload(Build.revision)).where(Build.space_id == space_id, Build.version == version)
    )


def find_build(session: Session, build_id: str) -> Build | None:
    return session.scalar(select(Build).options(joinedload(Build.revision)).where(Build.id == build_id))
