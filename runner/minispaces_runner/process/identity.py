"""Processes that can be found again after a restart of the runner, and never mistaken for others with their pid."""

import errno
import os
import select
import signal
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_STATE, _PARENT, _START = 0, 1, 19
"""Fields of /proc/PID/stat after the name, which may hold spaces and parentheses itself."""


class ProcessIdentity(BaseModel):
    """A pid with its start time in clock ticks since boot."""

    model_config = ConfigDict(frozen=True)

    pid: int
    started: int

    def is_alive(self) -> bool:
        """Zombies count as dead: they hold nothing but their exit code."""
        fields = _stat(self.pid)
        return bool(fields) and fields[_STATE] not in {"Z", "X"} and int(fields[_START]) == self.started

    def send(self, signum: int) -> None:
        """Never reaches a stranger who got the pid in the meantime."""
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(self.pid)
            try:
                if self.is_alive():
                    signal.pidfd_send_signal(handle, signum)
            finally:
                os.close(handle)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within `seconds`. Works for processes of other parents, too."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            if self.is_alive():
                watched = select.poll()
                watched.register(handle, select.POLLIN)
                watched.poll(seconds * 1000)
        finally:
            os.close(handle)
        return not self.is_alive()


def identify(pid: int) -> ProcessIdentity | None:
    """None when there is no such process."""
    fields = _stat(pid)
    return ProcessIdentity(pid=pid, started=int(fields[_START])) if fields else None


def parent_of(pid: int) -> int:
    """0 when there is none that can be seen, or no such process."""
    fields = _stat(pid)
    return int(fields[_PARENT]) if fields else 0


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def children(pid: int) -> list[ProcessIdentity]:
    """The direct children of a process's first thread."""
    try:
        pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [found for each in pids if (found := identify(int(each)))]


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ESRCH}:
            return []
        raise
    return text.rpartition(")")[2].split()
