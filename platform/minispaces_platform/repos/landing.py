"""After git moved the refs: the rows that say so, and what there is to tell the pusher."""

import subprocess
from dataclasses import dataclass, field

import stamina

from minispaces_platform.access import Carrier
from minispaces_platform.audit import service as audit
from minispaces_platform.builds import service as builds
from minispaces_platform.gallery.indexing import index_readme
from minispaces_platform.models.accounts import User
from minispaces_platform.outages import is_outage
from minispaces_platform.parts import Parts
from minispaces_platform.releases.previews import remove_previews
from minispaces_platform.repos.inspection import RefUpdate, Verdict, read_config_of
from minispaces_platform.repos.sizes import bytes_on_disk
from minispaces_platform.repos.store import RepositoryStore
from minispaces_platform.spaces.config import ReadConfig, read_config
from minispaces_platform.spaces.service import find_space_by_id


@dataclass(frozen=True, slots=True)
class Tip:
    branch: str
    commit: str
    config: ReadConfig


@dataclass(frozen=True, slots=True)
class Landed:
    """`build_id` is the build to follow, None where nothing is built by this push.

    `deploys`: the push is about the default branch, and has failed where its version does not come to life.
    """

    build_id: str | None = None
    lines: list[str] = field(default_factory=list)
    deploys: bool = True


@stamina.retry(on=is_outage, attempts=None, timeout=30, wait_max=2)
def land(
    parts: Parts, space_id: str, verdict: Verdict, *, updates: list[RefUpdate], user_id: str,
    carrier: Carrier = Carrier.BASIC,
) -> Landed:  # fmt: skip
    """Record what landed; commits before it returns. What a crash loses here, the janitor finds by the refs.

    Tried for half a minute where the database is away: git has moved the refs, and nobody could push them again.
    """
    branch = verdict.default_branch
    moved = next((update for update in updates if update.branch == branch and not update.deletes), None)
    if moved is None or tip_of(parts.store, space_id, branch) != moved.new:
        return _land_branches(parts, space_id, updates, branch, user_id=user_id, carrier=carrier)
    others = [update for update in updates if update.branch != branch]
    _land_branches(parts, space_id, others, branch, user_id=user_id, carrier=carrier)
    config = verdict.config or read_config(None)
    tip = Tip(branch, moved.new, config)
    return Landed(build_id=record_tip(parts, space_id, tip, user_id=user_id, carrier=carrier))


def _land_branches(
    parts: Parts, space_id: str, updates: list[RefUpdate], default: str, *, user_id: str, carrier: Carrier
) -> Landed:
    """Those that are not deployed: the tips are built for previews, as many as are kept, and the gone ones' go."""
    tips = [
        Tip(update.branch, update.new, read_config_of(parts.store, space_id, update.new))
        for update in updates
        if update.branch and not update.deletes and tip_of(parts.store, space_id, update.branch) == update.new
    ]
    built = tips[: parts.settings.kept_previews]
    described = [describe(parts.store, space_id, tip.commit) for tip in built]
    first, taken = None, bytes_on_disk(parts.store.path(space_id))
    with parts.database.writing() as session:
        space = find_space_by_id(session, space_id)
        if space is None or not updates:
            return Landed()
        space.repository_bytes = taken
        gone = [update.branch for update in updates if update.branch and update.deletes]
        remove_previews(session, parts, space_id, branches=gone)
        for tip, (author, message) in zip(built, described, strict=True):
            pushed = builds.Pushed(
                commit=tip.commit, branch=tip.branch, author=author, message=message,
                config=tip.config.app, card=tip.config.card, pushed_by=user_id,
            )  # fmt: skip
            build = builds.record_branch(session, parts, space, pushed)
            first = first or build.id
        pusher = audit.acting(session.get_one(User, user_id), carrier)
        audit.record(session, pusher, "space.push", space, refs=[update.ref for update in updates])
    return Landed(build_id=first, lines=_said(updates, default, builds=first is not None), deploys=False)


def _said(updates: list[RefUpdate], default: str, *, builds: bool) -> list[str]:
    if builds:
        return [f"Only {default} is deployed; other branches get a preview."]
    if any(update.branch == default and not update.deletes for update in updates):
        return [f"Stored, but not deployed: a newer push to {default} was faster."]
    return [] if all(update.deletes for update in updates) else [f"Stored, but not deployed: only {default} is."]


def record_tip(
    parts: Parts, space_id: str, tip: Tip, *, user_id: str | None = None, carrier: Carrier = Carrier.BASIC
) -> str | None:
    """Rows for a new tip of the default branch: the build's id, or None when the Space went away meanwhile."""
    author, message = describe(parts.store, space_id, tip.commit)
    taken = bytes_on_disk(parts.store.path(space_id))
    pushed = builds.Pushed(
        commit=tip.commit, branch=tip.branch, author=author, message=message,
        config=tip.config.app, card=tip.config.card, pushed_by=user_id,
    )  # fmt: skip
    with parts.database.writing() as session:
        space = find_space_by_id(session, space_id)
        if space is None:
            return None
        if space.default_branch != tip.branch:
            space.default_branch = tip.branch
            parts.store.set_default_branch(space_id, tip.branch)
        space.repository_bytes = taken
        build = builds.record_push(session, parts, space, pushed)
        index_readme(session, space, tip.config.words)
        if user_id:
            pusher = audit.acting(session.get_one(User, user_id), carrier)
            audit.record(session, pusher, "space.push", space, commit=tip.commit, version=build.version)
        return build.id


def tip_of(store: RepositoryStore, space_id: str, branch: str) -> str | None:
    """The commit a branch points to, read without starting git where the ref is loose."""
    path = store.path(space_id)
    try:
        return (path / "refs" / "heads" / branch).read_text().strip()
    except OSError:
        found = subprocess.run(
            ["git", "--git-dir", str(path), "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"],
            env=store.environment, capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        return found.stdout.strip() or None


def describe(store: RepositoryStore, space_id: str, commit: str) -> tuple[str, str]:
    """A commit's author and message, as text whatever its bytes."""
    shown = subprocess.run(
        ["git", "--git-dir", str(store.path(space_id)), "log", "-1", "--format=%an%x00%B", "--end-of-options", commit],
        env=store.environment, capture_output=True, timeout=30,
    )  # fmt: skip
    author, _, message = shown.stdout[:100_000].decode(errors="replace").replace("\ufffd", "?").partition("\0")
    return author.strip(), message.strip()
