"""Keeping a build's lease: a heartbeat beside the work, which stops the work when the lease is gone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx2
import structlog

from minispaces_builder.errors import BuildError, BuildStoppedError
from minispaces_builder.work import Work
from minispaces_contract.client import BuilderDoor, LeaseLostError
from minispaces_contract.messages import BuildSpec

_log = structlog.get_logger()


@contextmanager
def kept_lease(door: BuilderDoor, spec: BuildSpec, work: Work) -> Iterator[None]:
    """A heartbeat every third of the lease, which also enforces the work's time limit."""
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(door, spec, work, over), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(door: BuilderDoor, spec: BuildSpec, work: Work, over: threading.Event) -> None:
    while not over.wait(spec.lease_seconds / 3):
        with suppress(BuildError, BuildStoppedError):
            work.check()
        try:
            door.heartbeat(spec.build_id, spec.attempt)
        except LeaseLostError:
            work.stop(BuildStoppedError(spec.build_id))
            return
        except httpx2.HTTPError as error:  # the platform restarts: the lease may well survive that
            _log.warning("heartbeat_failed", build=spec.build_id, error=str(error))
