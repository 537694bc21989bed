"""How a push ended, in the words that the pusher, the page and the command line all show last."""

from contextlib import suppress
from dataclasses import dataclass

import redis
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from minispaces_contract import hints, logstream
from minispaces_contract.logstream import Entry, Kind, entry
from minispaces_contract.states import BuildStatus, DesiredState, InstanceStatus
from minispaces_platform.models.builds import Build, Purpose
from minispaces_platform.models.deployments import Deployment, Preview
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.releases.holding import Held, why_not_live

LIVE = "live"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`summary` is the one sentence that says it; an accepted outcome means that the version answers."""

    live: bool
    entries: tuple[Entry, ...]
    summary: str


def outcome_of(session: Session, build_id: str, *, parts: Parts) -> Outcome | None:
    """None while it is still open."""
    build = session.scalars(
        select(Build).where(Build.id == build_id)
        .options(joinedload(Build.revision), joinedload(Build.space).joinedload(Space.owner))
    ).one()  # fmt: skip
    first = select(Deployment).where(Deployment.build_id == build_id).order_by(Deployment.id).limit(1)
    deployment = session.scalar(first)
    url = parts.settings.url_of(parts.settings.app_host(build.space.host_label))
    name = f"Version {build.version} ({build.revision.commit[:7]})"
    match build.status:
        case BuildStatus.QUEUED | BuildStatus.BUILDING:
            return None
        case BuildStatus.CANCELLED:
            return _failed(f"{name} was not built: {build.error}.", after=())
        case BuildStatus.FAILED:
            still = () if build.purpose is Purpose.PREVIEW else _still_live(session, build, url)
            return _failed(f"{name} failed: {build.error}", after=still)
        case BuildStatus.SUCCEEDED if deployment is None:
            return _outcome_without_deployment(session, build, name, parts)
        case BuildStatus.SUCCEEDED:
            return _outcome_of_deployment(session, build, deployment, name, url)


def _outcome_of_deployment(
    session: Session, build: Build, deployment: Deployment, name: str, url: str
) -> Outcome | None:
    if deployment.live_at:
        took = f" in {deployment.start_seconds:.1f} s" if deployment.start_seconds else ""
        lines = (entry(Kind.HEADER, f"{name} is live, started{took}"), entry(Kind.LINE, url))
        return Outcome(live=True, entries=lines, summary=f"{name} is live: {url}")
    if deployment.observed is InstanceStatus.FAILED:
        return _failed(f"{name} did not start: {deployment.detail}", after=_still_live(session, build, url))
    return None


def _outcome_without_deployment(session: Session, build: Build, name: str, parts: Parts) -> Outcome:
    """It has a host of its own, if that: said with its address, and with how it goes live."""
    why = why_not_live(session, build)
    if why is None or why is Held.OVERTAKEN:
        return _failed(f"{name} was built but not deployed: a newer version was faster.", after=())
    preview = session.scalar(select(Preview).where(Preview.build_id == build.id).limit(1))
    words = {
        Held.BRANCH: f"{name} of {build.revision.branch} is built, and asleep until somebody opens it",
        Held.HOLD: f"{name} is built and held: it goes live when somebody promotes it",
        Held.ROLLBACK: f"{name} is built but not live: somebody rolled back meanwhile; promote it when it is good",
    }
    hosts = dict.fromkeys((preview.label, preview.alias)) if preview else ()
    urls = [parts.settings.url_of(parts.settings.app_host(label)) for label in hosts]
    lines = (entry(Kind.HEADER, words[why]), *(entry(Kind.LINE, url) for url in urls))
    return Outcome(live=True, entries=lines, summary=f"{words[why]}.")


def _failed(summary: str, *, after: tuple[Entry, ...]) -> Outcome:
    return Outcome(live=False, entries=(entry(Kind.ERROR, summary), *after), summary=summary)


def _still_live(session: Session, build: Build, url: str) -> tuple[Entry, ...]:
    serving = session.scalar(
        select(Deployment.version)
        .where(
            Deployment.space_id == build.space_id,
            Deployment.desired == DesiredState.RUNNING,
            Deployment.observed == InstanceStatus.RUNNING,
        )
        .order_by(Deployment.id.desc())
        .limit(1)
    )
    if serving is None:
        return (entry(Kind.LINE, "Nothing is live yet; push again when it is mended."),)
    return (entry(Kind.LINE, f"Version {serving} is still live at {url}"),)


def announce(parts: Parts, build_id: str) -> None:
    """Write the last lines into the build's log. Losing them is harmless: followers ask the database too."""
    with parts.database.reading() as session:
        found = outcome_of(session, build_id, parts=parts)
        space_id = session.scalar(select(Build.space_id).where(Build.id == build_id))
    if found:
        end = entry(Kind.END, LIVE if found.live else FAILED)
        with suppress(redis.RedisError):
            logstream.append(parts.redis_sync, logstream.build_log(build_id), *found.entries, end)
    hints.give(parts.redis_sync, hints.space(str(space_id)))


def say(parts: Parts, build_id: str, text: str) -> None:
    with suppress(redis.RedisError):
        logstream.append(parts.redis_sync, logstream.build_log(build_id), entry(Kind.WARNING, text))
