"""A Space of one's own made of another: its files with their history, its variables, and secrets given anew."""

import subprocess
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.configuration.service import put_variable
from minispaces_platform.creating.service import NewSpace, open_space, undone
from minispaces_platform.errors import ConflictError
from minispaces_platform.models.configuration import Variable
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.repos.commits import publish
from minispaces_platform.repos.doorkeeper import open_for_writing
from minispaces_platform.repos.inspection import ZERO, RefUpdate
from minispaces_platform.repos.landing import tip_of
from minispaces_platform.repos.quarantine import Quarantine, quarantine
from minispaces_platform.repos.store import RepositoryStore

SECONDS = 300


def duplicate(parts: Parts, actor: Actor, source: Space, wanted: NewSpace, *, secrets: Mapping[str, str]) -> Space:
    """`source` must be readable by `actor`. Secrets that are not given are left out. Raises as `open_space` does."""
    tip = tip_of(parts.store, source.id, source.default_branch)
    if tip is None:
        raise ConflictError(f"{source.full_name} has no files yet.", hint="There is nothing to duplicate.")

    def configure(session: Session, made: Space) -> None:
        audit.record(session, actor, "space.duplicate", made, source=source.full_name)
        _copy_configuration(session, parts, actor, source, made, secrets=secrets)

    space = open_space(parts, actor, wanted, also=configure)
    with undone(parts, actor, space), quarantine(parts.store, space.id) as room:
        _copy_history(parts.store, source, room, tip)
        update = RefUpdate(ZERO, tip, f"refs/heads/{space.default_branch}")
        publish(parts, open_for_writing(actor, space), room, [update], actor=actor)
    return space


def _copy_configuration(
    session: Session, parts: Parts, actor: Actor, source: Space, made: Space, *, secrets: Mapping[str, str]
) -> None:
    """Names of secrets that the source does not have are not made up."""
    for known in session.scalars(select(Variable).where(Variable.space_id == source.id)).all():
        value = secrets.get(known.name, "") if known.is_secret else known.value
        if value:
            put_variable(session, parts.settings, actor, made, name=known.name, value=value, secret=known.is_secret)


def _copy_history(store: RepositoryStore, source: Space, room: Quarantine, tip: str) -> None:
    """What the tip leads to, and nothing else of the source's objects: other branches stay where they are."""
    packing = ["git", "--git-dir", str(store.path(source.id)), "pack-objects", "--revs", "--stdout", "--quiet"]
    indexing = ["git", "--git-dir", str(room.repository), "index-pack", "--stdin", "--strict"]
    with subprocess.Popen(packing, env=store.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as packed:
        assert packed.stdin is not None  # noqa: S101 - it was asked for
        packed.stdin.write(f"{tip}\n".encode())
        packed.stdin.close()
        try:
            subprocess.run(
                indexing, env=room.environment, stdin=packed.stdout, stdout=subprocess.DEVNULL, check=True,
                timeout=SECONDS,
            )  # fmt: skip
        finally:
            packed.kill()
