"""The life of builds: recorded by a push, claimed under a lease, finished by a report. The database is the queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import case, or_, select, update
from sqlalchemy.orm import Session, joinedload

from minispaces_contract import hints
from minispaces_contract.messages import AppConfig, BuildReport, BuildSpec
from minispaces_contract.states import BuildStatus
from minispaces_platform.builds import turns
from minispaces_platform.configuration.queries import variables_of
from minispaces_platform.database import after_commit, now
from minispaces_platform.deployments import service as deployments
from minispaces_platform.errors import ConflictError
from minispaces_platform.models.builds import Build, Phases, Purpose, Revision
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.pushes import outcome

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 3
QUEUE = "builds"
_LATE = 9
"""Of Celery's priorities with a Redis: previews wait until nothing else does."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A commit that became the tip of a branch, and what its README says."""

    commit: str
    branch: str
    author: str
    message: str
    config: AppConfig
    card: SpaceCard
    pushed_by: str | None = None


def record_push(session: Session, parts: Parts, space: Space, pushed: Pushed) -> Build:
    """A revision of the default branch and its queued build; builds of that branch that still wait are superseded."""
    space.card = pushed.card
    space.updated_at = now()
    return request_build(session, parts, _add_revision(session, space, pushed))


def record_branch(session: Session, parts: Parts, space: Space, pushed: Pushed) -> Build:
    """As `record_push`, for any other branch: it gets a preview, and changes nothing else of the Space."""
    return request_build(session, parts, _add_revision(session, space, pushed), purpose=Purpose.PREVIEW)


def _add_revision(session: Session, space: Space, pushed: Pushed) -> Revision:
    revision = Revision(
        space_id=space.id, branch=pushed.branch, commit=pushed.commit, author=pushed.author[:200],
        message=pushed.message[:10_000], pushed_by=pushed.pushed_by, config=pushed.config,
    )  # fmt: skip
    session.add(revision)
    return revision


def request_build(session: Session, parts: Parts, revision: Revision, *, purpose: Purpose = Purpose.PUSH) -> Build:
    session.flush()
    version = _next_version(session, revision.space_id, purpose)
    _supersede(session, parts, revision, by=version)
    build = Build(space_id=revision.space_id, revision_id=revision.id, version=version, purpose=purpose)
    session.add(build)
    session.flush()
    after_commit(session, lambda: send(parts, build.id, late=purpose is Purpose.PREVIEW))
    after_commit(session, lambda: turns.tell_place(parts, build.id))
    after_commit(session, lambda: hints.give(parts.redis_sync, hints.space(revision.space_id)))
    return build


def _next_version(session: Session, space_id: str, purpose: Purpose) -> int:
    number = case((Space.numbered > Space.versions, Space.numbered), else_=Space.versions) + 1
    values = {"numbered": number} if purpose is Purpose.PREVIEW else {"numbered": number, "versions": number}
    return session.scalars(
        update(Space).where(Space.id == space_id).values(**values).returning(Space.numbered)
    ).one()  # fmt: skip


def build_again(session: Session, parts: Parts, space: Space) -> Build | None:
    """What was deployed last once more, for what a build alone can take up; None where nothing was pushed yet."""
    deployed = (
        select(Revision)
        .join(Build, Build.revision_id == Revision.id)
        .join(Deployment, Deployment.build_id == Build.id)
        .where(Deployment.space_id == space.id)
        .order_by(Deployment.id.desc())
    )
    pushed = select(Revision).where(Revision.space_id == space.id, Revision.branch == space.default_branch)
    revision = session.scalar(deployed.limit(1)) or session.scalar(pushed.order_by(Revision.id.desc()).limit(1))
    return request_build(session, parts, revision, purpose=Purpose.ASKED) if revision else None


def send(parts: Parts, build_id: str, *, late: bool = False) -> None:
    """Tell a builder; `late`, when it has nothing else to do. Whatever fails here, the janitor repeats."""
    from kombu.exceptions import OperationalError

    told, priority = {"build_id": build_id}, _LATE if late else 0
    try:
        parts.queue.send_task("builder.build", kwargs=told, queue=QUEUE, retry=False, priority=priority)
    except OperationalError:
        return


def _supersede(session: Session, parts: Parts, revision: Revision, *, by: int) -> None:
    """What still waits of the same branch. Its pushers are told."""
    branch = select(Revision.id).where(Revision.space_id == revision.space_id, Revision.branch == revision.branch)
    superseded = session.scalars(
        update(Build)
        .where(Build.revision_id.in_(branch), Build.status == BuildStatus.QUEUED)
        .values(status=BuildStatus.CANCELLED, finished_at=now(), error=f"superseded by version {by}")
        .returning(Build.id)
    ).all()
    for build_id in superseded:
        after_commit(session, partial(outcome.announce, parts, build_id))


def claim(session: Session, build_id: str) -> BuildSpec | None:
    """Take or take over the lease; None when somebody holds it or the build is final."""
    won = session.scalar(
        update(Build)
        .where(
            Build.id == build_id,
            or_(
                Build.status == BuildStatus.QUEUED,
                (Build.status == BuildStatus.BUILDING) & (Build.lease_until < now()),
            ),
            Build.attempt < MAX_ATTEMPTS,
        )
        .values(status=BuildStatus.BUILDING, attempt=Build.attempt + 1, lease_until=now() + LEASE, started_at=now())
        .returning(Build.id)
    )
    if won is None:
        return None
    build = load(session, build_id)
    return BuildSpec(
        build_id=build.id, attempt=build.attempt, space_id=build.space_id, space=build.space.full_name,
        version=build.version, commit=build.revision.commit, branch=build.revision.branch,
        config=build.revision.config, hardware=build.space.hardware,
        variables=variables_of(session, build.space_id), lease_seconds=LEASE.total_seconds(),
    )  # fmt: skip


def load(session: Session, build_id: str) -> Build:
    """With its revision, Space and owner, as of now."""
    return session.scalars(
        select(Build)
        .where(Build.id == build_id)
        .options(joinedload(Build.revision), joinedload(Build.space).joinedload(Space.owner))
        .execution_options(populate_existing=True)
    ).one()


def heartbeat(session: Session, build_id: str, *, attempt: int) -> None:
    """Raises ConflictError when the lease is somebody else's by now."""
    if not _compare_and_set(session, build_id, attempt, lease_until=now() + LEASE):
        raise ConflictError("This build is no longer yours.")


def finish(session: Session, parts: Parts, report: BuildReport) -> None:
    """Apply a report once; the same one again changes nothing. Raises ConflictError for a stale attempt."""
    values = {
        "status": report.status, "artifact": report.artifact, "error": report.error, "finished_at": now(),
        "lease_until": None, "timing": Phases(phases=report.phases), "failed_stage": report.stage,
    }  # fmt: skip
    if not _compare_and_set(session, report.build_id, report.attempt, **values):
        known = session.get(Build, report.build_id)
        if known is None or (known.attempt, known.status) != (report.attempt, report.status):
            raise ConflictError("This build is no longer yours.")
        return
    build = load(session, report.build_id)
    after_commit(session, lambda: _send_next(parts))
    if report.status is BuildStatus.SUCCEEDED and deployments.deploy(session, parts, build):
        return
    after_commit(session, lambda: outcome.announce(parts, report.build_id))


def _send_next(parts: Parts) -> None:
    """Somebody whose builds were as many as they may be at once has room for another."""
    with parts.database.reading() as session:
        build_id = turns.next_build(session, "")
    if build_id:
        send(parts, build_id)


def _compare_and_set(session: Session, build_id: str, attempt: int, **values: Any) -> bool:
    done = session.scalar(
        update(Build)
        .where(Build.id == build_id, Build.attempt == attempt, Build.status == BuildStatus.BUILDING)
        .values(**values)
        .returning(Build.id)
    )
    return done is not None


def expire_leases(session: Session, parts: Parts) -> int:
    """Builds whose builder went silent: queued again, or failed after the last attempt. How many there were."""
    lost = select(Build).where(Build.status == BuildStatus.BUILDING, Build.lease_until < now())
    builds = session.scalars(lost).all()
    for build in builds:
        if build.attempt >= MAX_ATTEMPTS:
            build.status, build.finished_at = BuildStatus.FAILED, now()
            build.error = f"the builder died {MAX_ATTEMPTS} times on this build; it may need more memory than there is"
            after_commit(session, partial(outcome.announce, parts, build.id))
        else:
            build.status = BuildStatus.QUEUED
            after_commit(session, partial(_send_again, parts, build.id, late=build.purpose is Purpose.PREVIEW))
        build.lease_until = None
    return len(builds)


def _send_again(parts: Parts, build_id: str, *, late: bool) -> None:
    outcome.say(parts, build_id, "The builder went away; starting again")
    send(parts, build_id, late=late)


def waiting(session: Session, *, since: datetime) -> list[tuple[str, bool]]:
    """Builds that nobody has claimed for a while, and whether they may be late: their message may be lost."""
    lost = select(Build.id, Build.purpose).where(Build.status == BuildStatus.QUEUED, Build.created_at < since)
    return [(build_id, purpose is Purpose.PREVIEW) for build_id, purpose in session.execute(lost)]
