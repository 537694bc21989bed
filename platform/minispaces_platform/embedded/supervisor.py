"""Start processes, restart those that die, stop them all. Knows nothing of what they do.

Each is the leader of its own session, so that Ctrl-C reaches only the supervisor and a part dies with its
children; and each is killed by the kernel should the supervisor itself be killed.
"""

import asyncio
import ctypes
import json
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import structlog

from minispaces_contract.disk import write_whole
from minispaces_platform.embedded.processes import Part

log = structlog.get_logger()

STABLE_SECONDS = 10
BACKOFF_MIN, BACKOFF_MAX = 0.5, 10.0
_PR_SET_PDEATHSIG = 1


class Program(NamedTuple):
    argv: tuple[str, ...]
    environment: Mapping[str, str]


class Supervisor:
    """A part that made itself another program, as the proxy does, is started again as that: visitors wait for it."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        pids: Path,
        output: Callable[[str, str], None],
        warn: Callable[[str], None],
    ) -> None:
        self._environment = dict(environment)
        self._programs: dict[str, Program] = {}
        self._pids = pids
        self._output = output
        self._warn = warn
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        kill_leftovers(pids)

    async def start(self, part: Part) -> None:
        """Start the part and wait until its socket is there, but no longer than it lives."""
        if part.ready:
            part.ready.unlink(missing_ok=True)
        self._programs.pop(part.name, None)
        started = asyncio.Event()
        self._keepers[part.name] = asyncio.create_task(self._keep(part, started))
        await started.wait()
        while part.ready and not part.ready.exists():  # noqa: ASYNC110 - a file system has no event for us
            await asyncio.sleep(0.01)
        pid = self._running[part.name].pid
        if part.ready and is_another(pid, part) and (became := program_of(pid)):
            self._programs[part.name] = became

    async def stop(
        self, *names: str, by: signal.Signals = signal.SIGTERM, grace_seconds: float = 3
    ) -> list[int | None]:
        """A signal, then SIGKILL for the whole session of each, together; the exit codes of those that ran."""
        for name in names:
            if keeper := self._keepers.pop(name, None):
                keeper.cancel()
        codes = await asyncio.gather(*(self._end(name, by, grace_seconds) for name in names if name in self._running))
        self._write_pids()
        return codes

    async def _keep(self, part: Part, started: asyncio.Event) -> None:
        delay = 0.0
        while True:
            begun = asyncio.get_running_loop().time()
            try:
                process = await self._spawn(part)
            except OSError as error:
                log.warning("part_not_started", part=part.name, reason=str(error))
                self._programs.pop(part.name, None)
                await asyncio.sleep(BACKOFF_MIN)
                continue
            started.set()
            await asyncio.gather(self._pump(part.name, process), process.wait())
            _kill_session(process.pid, signal.SIGKILL)
            lived = asyncio.get_running_loop().time() - begun
            delay = 0.0 if lived > STABLE_SECONDS else min(max(BACKOFF_MIN, delay * 2), BACKOFF_MAX)
            log.error("part_died", part=part.name, code=process.returncode, restart_seconds=delay)
            when = f"in {delay:g} s" if delay else "at once"
            self._warn(f"{part.name} ended with code {process.returncode}; it is started again {when}")
            await asyncio.sleep(delay)

    async def _spawn(self, part: Part) -> asyncio.subprocess.Process:
        if part.folder:
            part.folder.mkdir(parents=True, exist_ok=True)
        program = self._programs.get(part.name, Program(part.argv, self._environment))
        process = await asyncio.create_subprocess_exec(
            *program.argv, env=program.environment, stdin=asyncio.subprocess.DEVNULL, stdout=-1,
            stderr=asyncio.subprocess.STDOUT, start_new_session=True, preexec_fn=_die_with_parent, limit=1 << 20,
        )  # fmt: skip
        self._running[part.name] = process
        self._write_pids()
        log.info("part_started", part=part.name, pid=process.pid)
        return process

    async def _pump(self, name: str, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # a line beyond the limit
                continue
            if not line:
                return
            with suppress(OSError):  # a full disk loses lines, and nobody's part
                self._output(name, line.decode(errors="replace").rstrip())

    async def _end(self, name: str, by: signal.Signals, grace_seconds: float) -> int | None:
        process = self._running.pop(name)
        _kill_session(process.pid, by)
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await process.wait()
        _kill_session(process.pid, signal.SIGKILL)
        await process.wait()
        return process.returncode

    def _write_pids(self) -> None:
        running = {name: (process.pid, _started_at(process.pid)) for name, process in self._running.items()}
        with suppress(OSError):  # on a full disk: without it, parts die with us all the same
            write_whole(self._pids, json.dumps(running))


def kill_leftovers(pids: Path) -> None:
    """Parts of a supervisor that was killed. A pid that now belongs to another process is left alone."""
    if not pids.exists():
        return
    for pid, started_at in json.loads(pids.read_text() or "{}").values():
        if started_at and _started_at(pid) == started_at:
            _kill_session(pid, signal.SIGKILL)
    pids.unlink()


def _kill_session(leader: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _started_at(pid: int) -> str | None:
    """The kernel's start time of a process, in ticks since boot: with the pid, it names one process for good."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None


def is_another(pid: int, part: Part) -> bool:
    """Whether it runs another file than it was started with. Redis only writes itself another command line."""
    wanted = shutil.which(part.argv[0]) or part.argv[0]
    return Path(f"/proc/{pid}/exe").resolve() != Path(wanted).resolve()


def program_of(pid: int) -> Program | None:
    """What it runs now."""
    try:
        argv, environment = (_words(Path(f"/proc/{pid}/{name}")) for name in ("cmdline", "environ"))
    except OSError:
        return None
    pairs = (word.partition("=") for word in environment)
    return Program(argv, {name: value for name, _, value in pairs}) if argv else None


def _words(path: Path) -> tuple[str, ...]:
    return tuple(os.fsdecode(path.read_bytes()).split("\0")[:-1])


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
