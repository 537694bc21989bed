"""The work of one build: its child processes, and what may stop them from outside."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from minispaces_builder.build_group import BuildGroup, Limits
from minispaces_builder.errors import BuildError

_LONGEST_READ = 65_536


@dataclass(frozen=True, slots=True)
class Finished:
    code: int
    out: str
    err: str = ""


class Work:
    """Stopping kills every child's process group; whoever waits for a child then sees the reason raised."""

    def __init__(self, *, minutes: float, group: BuildGroup | None = None) -> None:
        """Children live in `group`."""
        self._minutes = minutes
        self._group = group or BuildGroup({}, Limits(0, 0, 1))
        self._deadline = time.monotonic() + minutes * 60
        self._reason: Exception | None = None
        self._children: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()

    def stop(self, reason: Exception) -> None:
        with self._lock:
            self._reason = self._reason or reason
            for child in self._children:
                _kill(child)

    def check(self) -> None:
        """Raises the reason for stopping, if there is one."""
        if self._reason is None and time.monotonic() > self._deadline:
            self.stop(BuildError(f"The build was stopped: it took longer than {self._minutes:g} minutes."))
        if self._reason is not None:
            raise self._reason

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str = "",
        on_line: Callable[[str], None] | None = None,
        keep_fds: Sequence[int] = (),
    ) -> Finished:
        """Run to the end. With `on_line`, output and errors arrive there line by line and are not returned."""
        child = self._start(argv, env=env, cwd=cwd, live=on_line is not None, keep_fds=keep_fds)
        try:
            finished = _follow(child, on_line) if on_line else _collect(child, stdin)
        finally:
            with self._lock:
                self._children.discard(child)
            if child.poll() is None:
                _kill(child)
        self.check()
        if finished.code != 0 and (words := self._group.complaint()):
            raise BuildError(words)
        return finished

    def _start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None,
        cwd: Path | None,
        live: bool,
        keep_fds: Sequence[int],
    ) -> subprocess.Popen[str]:
        self.check()
        with self._lock, self._group.entering() as enter:
            child = subprocess.Popen(  # closed by whoever follows it
                list(argv),
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL if live else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if live else subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
                pass_fds=keep_fds,
                preexec_fn=enter,  # noqa: PLW1509  # it takes no lock and allocates nothing
            )
            self._children.add(child)
        return child


def _collect(child: subprocess.Popen[str], stdin: str) -> Finished:
    out, err = child.communicate(stdin)
    return Finished(child.returncode, out, err)


def _follow(child: subprocess.Popen[str], on_line: Callable[[str], None]) -> Finished:
    with child:
        stdout = child.stdout
        while stdout is not None and (line := stdout.readline(_LONGEST_READ)):
            on_line(line)
    return Finished(child.returncode, "")


def _kill(child: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
