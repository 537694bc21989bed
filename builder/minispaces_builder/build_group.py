"""What builds may use of the machine: a control group for each, under one that gives way to running apps.

Version 1 or 2 of control groups; where the machine does not let us there are none, and a build only gives way by its
niceness. The kernel compares niceness within a session only, and sessions by their autogroups' niceness: both are set.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import stamina
import structlog

from minispaces_builder.settings import BuilderSettings

ROOT = Path("/sys/fs/cgroup")
_CONTROLLERS = ("memory", "cpu", "pids")
_FULL_SHARES, _FULL_WEIGHT = 1024, 100
_NICENESS = 10
_AUTOGROUP = "/proc/self/autogroup"
_MIB = 1 << 20
_SECONDS = 5

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """`share` is a build's part of a processor that apps want as well, where theirs is 1."""

    memory_mb: int
    pids: int
    share: float

    @classmethod
    def of(cls, settings: BuilderSettings) -> "Limits":
        return cls(settings.build_memory_mb, settings.build_pids, settings.build_cpu_share)


def is_version_1() -> bool:
    return (ROOT / "memory").is_dir()


def folders_of(name: str) -> dict[str, Path]:
    """Where a group of this name lies, by controller."""
    return {each: ROOT / each / name if is_version_1() else ROOT / name for each in _CONTROLLERS}


def files_of(limits: Limits) -> list[tuple[str, str, str]]:
    """(controller, file, value), in the order in which the kernel takes them."""
    memory = str(limits.memory_mb * _MIB)
    if is_version_1():
        return [
            ("memory", "memory.limit_in_bytes", memory),
            ("memory", "memory.memsw.limit_in_bytes", memory),
            ("cpu", "cpu.shares", str(max(2, round(_FULL_SHARES * limits.share)))),
            ("pids", "pids.max", str(limits.pids)),
        ]
    return [
        ("memory", "memory.max", memory),
        ("memory", "memory.swap.max", "0"),
        ("cpu", "cpu.weight", str(max(1, round(_FULL_WEIGHT * limits.share)))),
        ("pids", "pids.max", str(limits.pids)),
    ]


def limit(folders: Mapping[str, Path], limits: Limits) -> None:
    """Raises OSError. Larger than before needs the second limit first: hence twice."""
    for turn in range(2):
        for controller, file, value in files_of(limits):
            path = folders[controller] / file
            if path.exists():
                with suppress(OSError) if turn == 0 else nullcontext():
                    path.write_text(value)


@dataclass(frozen=True, slots=True)
class BuildGroup:
    """One build's. `folders` is empty where there is none."""

    folders: Mapping[str, Path]
    limits: Limits

    @contextmanager
    def entering(self) -> Iterator[Callable[[], object]]:
        """What a child calls between fork and exec, in a session of its own: it takes no lock."""
        with ExitStack() as opened:
            files = [opened.enter_context((each / "cgroup.procs").open("wb", buffering=0)) for each in self._each()]

            def enter() -> None:
                for file in files:
                    os.write(file.fileno(), b"0")
                os.nice(_NICENESS)
                with suppress(OSError):
                    os.write(os.open(_AUTOGROUP, os.O_WRONLY), b"%d" % _NICENESS)

            yield enter

    def complaint(self) -> str | None:
        """Why the kernel ended something in here, in words for people."""
        if not self.folders:
            return None
        if _count(self.folders["memory"], ("memory.oom_control", "memory.events"), "oom_kill"):
            return (
                f"The build was stopped because it needed more memory than builds may use here:"
                f" {self.limits.memory_mb / 1024:g} GiB. Choose packages that are there as wheels, or ask the"
                " administrator to raise MINISPACES_BUILD_MEMORY_MB."
            )
        if _count(self.folders["pids"], ("pids.events",), "max"):
            return (
                f"The build wanted to start more processes than builds may have here: {self.limits.pids}."
                " Build with fewer at once, or ask the administrator to raise MINISPACES_BUILD_PIDS."
            )
        return None

    def remove(self) -> None:
        """Kill what is left in it."""
        deadline = time.monotonic() + _SECONDS
        for folder in self._each():
            while folder.is_dir() and time.monotonic() < deadline:
                with suppress(OSError):
                    for pid in (folder / "cgroup.procs").read_text().split():
                        os.kill(int(pid), signal.SIGKILL)
                with suppress(OSError):
                    folder.rmdir()
                    break
                time.sleep(0.01)

    def _each(self) -> set[Path]:
        return set(self.folders.values())


@contextmanager
def build_group(settings: BuilderSettings, build_id: str) -> Iterator[BuildGroup]:
    """A build's group for as long as it lasts; an older one of the same name goes first."""
    limits = Limits.of(settings)
    above = f"minispaces-{settings.installation[:4]}-builds"
    group = BuildGroup(folders_of(f"{above}/{build_id}"), limits)
    group.remove()
    try:
        _make(above, group, limits)
    except OSError as error:
        _log.warning("builds_not_limited", reason=str(error))
        group.remove()
        group = BuildGroup({}, limits)
    try:
        yield group
    finally:
        group.remove()
        for folder in set(folders_of(above).values()):
            with suppress(OSError):  # another build is in there
                folder.rmdir()


@stamina.retry(on=FileNotFoundError, attempts=3, wait_initial=0.01)  # another build's end took the folder away
def _make(above: str, group: BuildGroup, limits: Limits) -> None:
    """All builds together share the weight; memory and processes are each build's own."""
    parents = folders_of(above)
    for folder in set(parents.values()):
        folder.mkdir(exist_ok=True)
        if not is_version_1():
            _delegate(folder)
    for controller, file, value in files_of(limits):
        if controller == "cpu":
            (parents[controller] / file).write_text(value)
    for folder in set(group.folders.values()):
        folder.mkdir(exist_ok=True)
    limit(group.folders, limits)


def _delegate(folder: Path) -> None:
    """Version 2: controllers reach a group only through every group above it."""
    for each in (ROOT, folder):
        (each / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in _CONTROLLERS))


def _count(folder: Path, files: tuple[str, ...], word: str) -> int:
    for file in files:
        with suppress(OSError):
            pairs = (line.split() for line in (folder / file).read_text().splitlines())
            return sum(int(pair[1]) for pair in pairs if pair[0] == word)
    return 0
