"""Previews: each commit that was built has a host of its own, where its version is born asleep."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from minispaces_contract import hints
from minispaces_contract.messages import Artifact
from minispaces_platform.database import after_commit, among
from minispaces_platform.models.builds import Build
from minispaces_platform.models.deployments import Preview
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.releases.configurations import keep_configuration
from minispaces_platform.releases.labels import branch_label, commit_label


def add_preview(session: Session, parts: Parts, build: Build, artifact: Artifact) -> Preview | None:
    """In place of an older one of the same push; the oldest of the Space's go. None where there are to be none."""
    most = parts.settings.kept_previews
    if most == 0:
        return None
    space, revision = build.space, build.revision
    same = Preview.commit == revision.commit, Preview.branch == revision.branch
    session.execute(delete(Preview).where(Preview.space_id == space.id, *same))
    preview = Preview(
        space_id=space.id, build_id=build.id, version=build.version, commit=revision.commit, artifact=artifact,
        hardware=space.hardware, startup_seconds=revision.config.startup_seconds,
        configuration_id=keep_configuration(session, space.id).id, branch=revision.branch,
        label=_free_label(session, space, revision.commit), alias=_alias(session, space, revision.branch),
    )  # fmt: skip
    session.add(preview)
    session.flush()
    newest = select(Preview.id).where(Preview.space_id == space.id).order_by(Preview.version.desc()).limit(most)
    _remove(session, parts, space.id, Preview.id.not_in(newest.scalar_subquery()))
    return preview


def remove_previews(session: Session, parts: Parts, space_id: str, *, branches: Iterable[str]) -> None:
    """Of branches that are gone."""
    _remove(session, parts, space_id, Preview.branch.in_(list(branches)))


def _remove(session: Session, parts: Parts, space_id: str, which: ColumnElement[bool]) -> None:
    gone = delete(Preview).where(Preview.space_id == space_id, which)
    if session.connection().execute(gone).rowcount:  # past the session, which takes any deletion for a change
        after_commit(session, lambda: hints.give(parts.redis_sync, hints.world(space_id)))
        after_commit(session, lambda: hints.give(parts.redis_sync, hints.ACCESS))


def _free_label(session: Session, space: Space, commit: str) -> str:
    """The short one, unless the commit is the tip of several branches: each is built, and has its own."""
    labels = [commit_label(commit, space.host_label, digits=digits) for digits in range(7, 25)]
    taken = set(session.scalars(select(Preview.label).where(Preview.label.in_(labels))))
    return next(label for label in labels if label not in taken)


def _alias(session: Session, space: Space, branch: str) -> str:
    plain = branch_label(branch, space.host_label)
    others = select(func.count(Preview.id)).where(Preview.alias == plain, Preview.branch != branch)
    return branch_label(branch, space.host_label, taken=True) if session.scalar(others) else plain


def list_previews(session: Session, only: Collection[str] = ()) -> Sequence[Preview]:
    """Oldest first: of all Spaces, or of some `only`."""
    return session.scalars(select(Preview).where(*among(Preview.space_id, only)).order_by(Preview.id)).all()


def find_preview(session: Session, label: str) -> Preview | None:
    """By its own label, else the newest of the branch that the label names."""
    own = session.scalar(select(Preview).where(Preview.label == label))
    return own or session.scalar(select(Preview).where(Preview.alias == label).order_by(Preview.id.desc()).limit(1))
