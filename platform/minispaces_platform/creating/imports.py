"""Importing a repository from elsewhere: a row says how far it is, a thread does it, a page follows."""

import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from minispaces_contract import hints
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.creating.fetching import SECONDS, fetch, find_tip
from minispaces_platform.creating.guessing import guess_sdk
from minispaces_platform.creating.remotes import find_remote
from minispaces_platform.database import now
from minispaces_platform.errors import ConflictError, MinispacesError
from minispaces_platform.forms import words_of
from minispaces_platform.models.imports import Import, ImportStatus
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.repos.commits import publish
from minispaces_platform.repos.doorkeeper import open_for_writing
from minispaces_platform.repos.inspection import ZERO, RefUpdate
from minispaces_platform.repos.quarantine import quarantine

log = structlog.get_logger()

AT_ONCE = 3
_GIVEN_UP = timedelta(seconds=SECONDS + 120)
_TELL_SECONDS = 1.0


def start_import(session: Session, actor: Actor, space: Space, *, url: str) -> Import:
    """The row; `run_import` does the work. Raises ConflictError while others, or this Space, are at it."""
    since = now() - _GIVEN_UP
    running = (Import.status == ImportStatus.RUNNING) & (Import.created_at > since)
    mine = session.scalar(select(Import.id).where(running, Import.space_id == space.id))
    if mine or (session.scalar(select(func.count(Import.id)).where(running)) or 0) >= AT_ONCE:
        raise ConflictError("Other imports are still running.", hint="Try again in some minutes.")
    started = Import(space_id=space.id, url=url.strip(), words="Asking the other side")
    session.add(started)
    session.flush()
    audit.record(session, actor, "space.import", space, url=url.strip())
    return started


def newest_import(session: Session, space_id: str) -> Import | None:
    """What has been running for too long was lost with the hub that did it."""
    found = session.scalar(select(Import).where(Import.space_id == space_id).order_by(Import.id.desc()).limit(1))
    if found and found.status is ImportStatus.RUNNING and found.created_at < now() - _GIVEN_UP:
        found.status, found.words = ImportStatus.FAILED, "The hub was restarted meanwhile. Try again."
    return found


def run_import(parts: Parts, actor: Actor, space: Space, started: Import) -> None:
    """To its end, in a thread. Whatever goes wrong is written where the page shows it."""
    try:
        words = _bring_in(parts, actor, space, started.url, tell=_teller(parts, started.id))
    except MinispacesError as error:
        _settle(parts, space, started.id, ImportStatus.FAILED, words_of(error))
    except Exception:
        log.exception("import_broken", space=space.id)
        _settle(parts, space, started.id, ImportStatus.FAILED, "Something went wrong on our side. Try again.")
    else:
        _settle(parts, space, started.id, ImportStatus.DONE, words)


def _bring_in(parts: Parts, actor: Actor, space: Space, url: str, *, tell: Callable[[str], None]) -> str:
    remote = find_remote(url, private=parts.settings.import_from_private)
    with quarantine(parts.store, space.id) as room:
        tip = find_tip(room, remote)
        fetch(room, remote, tip, max_mb=parts.settings.max_push_mb, tell=tell)
        tell("Looking at what came")
        assumed = guess_sdk(room, tip)
        landed = RefUpdate(ZERO, tip, f"refs/heads/{space.default_branch}")
        publish(parts, open_for_writing(actor, space), room, [landed], actor=actor)
    return assumed


def _teller(parts: Parts, import_id: str) -> Callable[[str], None]:
    """Writes down what is told, once a second at most."""
    last = 0.0

    def tell(words: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _TELL_SECONDS:
            last = time.monotonic()
            with parts.database.writing() as session:
                session.execute(update(Import).where(Import.id == import_id).values(words=words))

    return tell


def _settle(parts: Parts, space: Space, import_id: str, status: ImportStatus, words: str) -> None:
    with parts.database.writing() as session:
        session.execute(update(Import).where(Import.id == import_id).values(status=status, words=words))
    hints.give(parts.redis_sync, hints.space(space.id))
