"""A build's log: what the pusher and the page read live."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import redis
import structlog

from minispaces_contract import logstream
from minispaces_contract.logstream import Entry, Kind
from minispaces_contract.messages import Phase

_FLUSH_SECONDS = 0.03
_MAX_BATCH = 1000
_TENTH = 0.1
_log = structlog.get_logger()

Sink = Callable[[list[Entry]], None]


class BuildLog:
    """Entries reach the sink within a few hundredths of a second, in batches when they come in bursts."""

    def __init__(self, sink: Sink) -> None:
        self.phases: list[Phase] = []
        self._sink = sink
        self._pending: list[Entry] = []
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="build-log", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def header(self, text: str) -> None:
        self._put(Kind.HEADER, text)

    def line(self, text: str) -> None:
        self._put(Kind.LINE, text)

    def warning(self, text: str) -> None:
        self._put(Kind.WARNING, text)

    def error(self, text: str) -> None:
        self._put(Kind.ERROR, text)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """A header now, the time it took afterwards, and a `Phase` for the report."""
        self.header(name)
        start = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - start
            self.phases.append(Phase(name=name, seconds=round(seconds, 3)))
            self.line(took(seconds))

    def _put(self, kind: Kind, text: str) -> None:
        with self._changed:
            self._pending.extend(logstream.entry(kind, part) for part in text.split("\n"))
            full = len(self._pending) >= _MAX_BATCH
            self._changed.notify()
        if full:  # a flood waits for its own lines to be written
            self._flush()

    def _run(self) -> None:
        while not self._closed:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._closed)
            self._flush()
            with self._changed:  # gather a burst into one batch
                self._changed.wait_for(lambda: self._closed, timeout=_FLUSH_SECONDS)
        self._flush()

    def _flush(self) -> None:
        with self._sending:
            with self._changed:
                batch, self._pending = self._pending, []
            if batch:
                self._sink(batch)


def took(seconds: float) -> str:
    return f"done in {seconds:.1f} s" if seconds >= _TENTH else f"done in {seconds * 1000:.0f} ms"


def redis_sink(client: redis.Redis, build_id: str) -> Sink:
    """Lines are lost while Redis is away; the build goes on."""

    def write(entries: list[Entry]) -> None:
        try:
            logstream.append(client, logstream.build_log(build_id), *entries)
        except redis.RedisError as error:
            _log.warning("build_log_lost", build=build_id, lines=len(entries), error=str(error))

    return write
