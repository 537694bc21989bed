"""After git moved the refs: the rows that say so, and what there is to tell the pusher."""

import subprocess
from dataclasses import dataclass, field

from minispaces_platform.access import Carrier
from minispaces_platform.audit import service as audit
from minispaces_platform.builds import service as builds
from minispaces_platform.gallery.indexing import index_readme
from minispaces_platform.models.accounts import User
from minispaces_platform.parts import Parts
from minispaces_platform.repos.inspection import RefUpdate, Verdict
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
    """`build_id` is the build to follow, None where nothing is deployed by this push."""

    build_id: str | None = None
    lines: list[str] = field(default_factory=list)


def land(
    parts: Parts, space_id: str, verdict: Verdict, *, updates: list[RefUpdate], user_id: str,
    carrier: Carrier = Carrier.BASIC,
) -> Landed:  # fmt: skip
    """Record what landed; commits before it returns. What a crash loses here, the janitor finds by the refs."""
    branch = verdict.default_branch
    moved = next((update for update in updates if update.branch == branch and not update.deletes), None)
    if moved is None or tip_of(parts.store, space_id, branch) != moved.new:
        _write_down(parts, space_id, updates, user_id=user_id, carrier=carrier)
        return Landed(lines=[f"Stored, but not deployed: only {branch} is."])
    config = verdict.config or read_config(None)
    tip = Tip(branch, moved.new, config)
    return Landed(build_id=record_tip(parts, space_id, tip, user_id=user_id, carrier=carrier))


def record_tip(
    parts: Parts, space_id: str, tip: Tip, *, user_id: str | None = None, carrier: Carrier = Carrier.BASIC
) -> str | None:
    """Rows for a new tip of the default branch: the build's id, or None when the Space went away meanwhile."""
    author, message = describe(parts.store, space_id, tip.commit)
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
        build = builds.record_push(session, parts, space, pushed)
        index_readme(session, space, tip.config.words)
        if user_id:
            pusher = audit.acting(session.get_one(User, user_id), carrier)
            audit.record(session, pusher, "space.push", space, commit=tip.commit, version=build.version)
        return build.id


def _write_down(parts: Parts, space_id: str, updates: list[RefUpdate], *, user_id: str, carrier: Carrier) -> None:
    """A push that deploys nothing."""
    with parts.database.writing() as session:
        if space := find_space_by_id(session, space_id):
            pusher = audit.acting(session.get_one(User, user_id), carrier)
            refs = [update.ref for update in updates]
            audit.record(session, pusher, "space.push", space, refs=refs)


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
