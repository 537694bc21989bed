"""Limits by control groups, version 1 or 2: one group per app in one of ours, found again by its name."""

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from minispaces_contract.messages import Hardware

_CONTROLLERS = ("memory", "cpu", "cpuacct", "pids", "freezer")
_PIDS = 512
_PERIOD_US = 100_000
_MIB = 1 << 20
_FREEZE_SECONDS = 2
"""A process that waits for a disk freezes only afterwards."""


@dataclass(frozen=True, slots=True)
class Cgroups:
    """Where our groups lie: a folder per controller in version 1, one for all in version 2."""

    version: int
    folders: Mapping[str, Path]

    def create(self, name: str, hardware: Hardware) -> None:
        """An empty group with its limits."""
        for folder in set(self.folders.values()):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for controller, file, value in limits(self.version, hardware):
            if controller in self.folders:
                group = self.folders[controller] / name
                if (group / file).exists():
                    (group / file).write_text(value)

    def add(self, name: str, pid: int) -> None:
        """Move a process; its future children follow it."""
        for folder in set(self.folders.values()):
            (folder / name / "cgroup.procs").write_text(str(pid))

    def killed_for_memory(self, name: str) -> bool:
        """Whether the kernel has killed one of the group's processes because the memory was used up."""
        if "memory" not in self.folders:
            return False
        file = "memory.oom_control" if self.version == 1 else "memory.events"
        try:
            lines = (self.folders["memory"] / name / file).read_text().splitlines()
        except OSError:
            return False
        return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)

    @property
    def can_freeze(self) -> bool:
        return self._freezing is not None

    def freeze(self, name: str) -> bool:
        """Whether all of its processes stand still now. If not all can, none does."""
        file, word, _ = self._freezing or ("", "", "")
        try:
            (self._freezer / name / file).write_text(word)
        except OSError:  # a group that was made before there was a freezer
            return False
        deadline = time.monotonic() + _FREEZE_SECONDS
        while not self.is_frozen(name):
            if time.monotonic() > deadline:
                self.thaw(name)
                return False
            time.sleep(0.001)
        return True

    def thaw(self, name: str) -> None:
        file, _, word = self._freezing or ("", "", "")
        with suppress(OSError):
            (self._freezer / name / file).write_text(word)
            (self._freezer / name / "memory.swap.max").write_text("0")

    def is_frozen(self, name: str) -> bool:
        file = "freezer.state" if self.version == 1 else "cgroup.events"
        try:
            said = (self._freezer / name / file).read_text()
        except OSError:
            return False
        return said == "FROZEN\n" or "frozen 1\n" in said

    def allow_swap(self, name: str) -> None:
        """Until it thaws. In version 1 the limit of memory counts both."""
        if self.version == 2:  # noqa: PLR2004  the version's own number
            with suppress(OSError):
                (self._freezer / name / "memory.swap.max").write_text("max")

    def processes(self, name: str) -> list[int]:
        try:
            return [int(pid) for pid in (self._freezer / name / "cgroup.procs").read_text().split()]
        except OSError:
            return []

    @property
    def _freezing(self) -> tuple[str, str, str] | None:
        """The file, and what is written there to freeze and to thaw."""
        if self.version == 1:
            return ("freezer.state", "FROZEN", "THAWED") if "freezer" in self.folders else None
        return "cgroup.freeze", "1", "0"

    @property
    def _freezer(self) -> Path:
        return self.folders.get("freezer") or next(iter(self.folders.values()))

    def remove(self, name: str, *, seconds: float = 5) -> None:
        """Kill what is left in the group, and remove it. What is frozen does not die."""
        self.thaw(name)
        for folder in set(self.folders.values()):
            _remove(folder / name, time.monotonic() + seconds)

    def names(self) -> list[str]:
        return sorted({group.name for folder in set(self.folders.values()) for group in folder.glob("*/")})

    def clear(self) -> None:
        """Remove every group and the folders of ours that held them."""
        for name in self.names():
            self.remove(name)
        for folder in set(self.folders.values()):
            with suppress(OSError):
                folder.rmdir()


def limits(version: int, hardware: Hardware) -> list[tuple[str, str, str]]:
    """(controller, file, value), in the order in which the kernel takes them."""
    memory, quota = str(hardware.memory_mb * _MIB), str(int(hardware.cpus * _PERIOD_US))
    if version == 1:
        return [
            ("memory", "memory.limit_in_bytes", memory),
            ("memory", "memory.memsw.limit_in_bytes", memory),
            ("cpu", "cpu.cfs_period_us", str(_PERIOD_US)),
            ("cpu", "cpu.cfs_quota_us", quota),
            ("pids", "pids.max", str(_PIDS)),
        ]
    return [
        ("memory", "memory.max", memory),
        ("memory", "memory.swap.max", "0"),
        ("cpu", "cpu.max", f"{quota} {_PERIOD_US}"),
        ("pids", "pids.max", str(_PIDS)),
    ]


def find_cgroups(name: str) -> Cgroups | None:
    """Our folders, made if need be; None where this machine does not let us."""
    mounts = Path("/proc/self/mountinfo").read_text()
    first = {each: mount / name for each, mount in parse_mounts(mounts, version=1).items() if each in _CONTROLLERS}
    try:
        if "memory" in first:
            for folder in set(first.values()):
                folder.mkdir(exist_ok=True)
            return Cgroups(1, first)
        for mount in parse_mounts(mounts, version=2).values():
            return _version_2(mount, name)
    except OSError:
        return None
    return None


def parse_mounts(mountinfo: str, *, version: int) -> dict[str, Path]:
    """The mount point of each controller of version 1; of version 2 the one mount point, under an empty name."""
    found: dict[str, Path] = {}
    for line in mountinfo.splitlines():
        mounted, _, source = line.partition(" - ")
        point, (kind, _device, options) = Path(mounted.split()[4]), source.split()[:3]
        if version == 1 and kind == "cgroup":
            found |= dict.fromkeys(options.split(","), point)
        elif version == 2 and kind == "cgroup2":  # noqa: PLR2004  the version's own number
            found[""] = point
    return found


def _version_2(mount: Path, name: str) -> Cgroups | None:
    """Controllers reach a group only through every group above it."""
    available = (mount / "cgroup.controllers").read_text().split()
    used = [each for each in _CONTROLLERS if each in available]
    if "memory" not in used:
        return None
    folder = mount / name
    switch = " ".join(f"+{each}" for each in used)
    (mount / "cgroup.subtree_control").write_text(switch)
    folder.mkdir(exist_ok=True)
    (folder / "cgroup.subtree_control").write_text(switch)
    return Cgroups(2, dict.fromkeys(used, folder))


def _remove(group: Path, deadline: float) -> None:
    while group.is_dir():
        with suppress(OSError):
            for pid in (group / "cgroup.procs").read_text().split():
                os.kill(int(pid), signal.SIGKILL)
        try:
            group.rmdir()
        except OSError:  # the kernel lets go of a group a moment after its last process
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)
