"""What repositories take on the disk: measured when something landed, and bounded before it does."""

import os
from pathlib import Path

from sqlalchemy import select, update

from minispaces_platform.errors import ForbiddenError
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.quotas.service import refuse_growth
from minispaces_platform.repos.inspection import Refusal, Verdict
from minispaces_platform.spaces.service import find_space_by_id

_AT_ONCE = 1_000
_BLOCK = 512


def bytes_on_disk(folder: Path) -> int:
    """Files that go meanwhile count as nothing."""
    return sum(_blocks(Path(place, name)) for place, _folders, files in os.walk(folder, onerror=None) for name in files)


def within_quota(parts: Parts, space_id: str, verdict: Verdict, *, quarantine: str) -> Verdict:
    """A refusal where what has arrived is more than the Space's owner may still take."""
    if not verdict.accepted or not quarantine:
        return verdict
    with parts.database.reading() as session:
        space = find_space_by_id(session, space_id)
        try:
            if space:
                refuse_growth(session, space, lambda: bytes_on_disk(Path(quarantine)))
        except ForbiddenError as error:
            return Verdict(accepted=False, lines=Refusal("E_QUOTA", error.message, hint=error.hint).lines)
    return verdict


def measure_unmeasured(parts: Parts) -> int:
    """How many repositories it has measured; some at a time, and each once: from then on pushes do it."""
    with parts.database.reading() as session:
        ids = session.scalars(select(Space.id).where(Space.repository_bytes.is_(None)).limit(_AT_ONCE)).all()
    found = [{"id": space_id, "repository_bytes": bytes_on_disk(parts.store.path(space_id))} for space_id in ids]
    if found:
        with parts.database.writing() as session:
            session.execute(update(Space), found)
    return len(found)


def _blocks(path: Path) -> int:
    try:
        return path.lstat().st_blocks * _BLOCK
    except FileNotFoundError:
        return 0
