"""Reading builds for pages."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from minispaces_platform.errors import NotFoundError
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.spaces import Space

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


def pictured_versions(session: Session, space_id: str, *, versions: Iterable[int]) -> frozenset[int]:
    """Those of `versions` that a picture was kept of."""
    return frozenset(
        session.scalars(
            select(Deployment.version).where(
                Deployment.space_id == space_id, Deployment.version.in_(versions), Deployment.pictured_at.is_not(None)
            )
        )
    )


def find_version(session: Session, space_id: str, *, version: int) -> Build | None:
    return session.scalar(
        select(Build).options(joinedload(Build.revision)).where(Build.space_id == space_id, Build.version == version)
    )


def get_version(session: Session, space: Space, *, version: int) -> Build:
    """Raises NotFoundError. The Space's owner is loaded."""
    if build := find_version(session, space.id, version=version):
        return build
    raise NotFoundError(f"{space.full_name} has no version {version}.", hint="Its versions are listed on its page.")


def find_build(session: Session, build_id: str) -> Build | None:
    return session.scalar(select(Build).options(joinedload(Build.revision)).where(Build.id == build_id))
