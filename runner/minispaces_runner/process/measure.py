"""What an app of the process engine uses: asked of its control groups, of its end of a cable, and of its folder."""

import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

from minispaces_runner.engine import Used
from minispaces_runner.process.cgroups import Cgroups
from minispaces_runner.process.folder import Started

_MOST_FILES = 200_000
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PARENT, _USER, _SYSTEM, _PAGES = 1, 11, 12, 21
"""Fields of /proc/PID/stat after the name."""


def measure(started: Started, cgroups: Cgroups | None) -> Used:
    """Without control groups the processes are counted one by one, and what has ended meanwhile is lost."""
    received, sent = _traffic(started.interface) if started.interface else (0, 0)
    if cgroups and (found := _of_group(cgroups, started.deployment_id)):
        seconds, memory, limit = found
        return Used(cpu_seconds=seconds, memory=memory, memory_limit=limit, received=received, sent=sent)
    seconds, memory = _of_processes(started.init.pid)
    return Used(cpu_seconds=seconds, memory=memory, received=received, sent=sent)


def folder_bytes(folder: Path) -> int:
    """What the files occupy, links not followed; a folder of very many files is counted in part."""
    total, left, open_folders = 0, _MOST_FILES, [folder]
    while open_folders and left > 0:
        with suppress(OSError), os.scandir(open_folders.pop()) as entries:
            for entry in entries:
                left -= 1
                with suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        open_folders.append(Path(entry.path))
    return total


def _of_group(cgroups: Cgroups, name: str) -> tuple[float, int, int] | None:
    """CPU seconds, bytes that the kernel could not take back at once, and how many there may be."""
    groups = {controller: folder / name for controller, folder in cgroups.folders.items()}
    try:
        if cgroups.version == 1:
            memory, cpu = groups["memory"], groups["cpuacct"]
            held = int((memory / "memory.usage_in_bytes").read_text()) - _stat(memory, "total_inactive_file")
            limit = int((memory / "memory.limit_in_bytes").read_text())
            return int((cpu / "cpuacct.usage").read_text()) / 1e9, max(0, held), limit
        group = groups["memory"]
        held = int((group / "memory.current").read_text()) - _stat(group, "inactive_file")
        most = (group / "memory.max").read_text().strip()
        seconds = _lines(group / "cpu.stat").get("usage_usec", 0) / 1e6
        return seconds, max(0, held), int(most) if most.isdecimal() else 0
    except (OSError, KeyError, ValueError):
        return None


def _stat(group: Path, field: str) -> int:
    return _lines(group / "memory.stat").get(field, 0)


def _lines(file: Path) -> dict[str, int]:
    pairs = (line.split() for line in file.read_text().splitlines())
    return {name: int(value) for name, value in pairs}


def _traffic(interface: str) -> tuple[int, int]:
    """Bytes received and sent by the app: its cable's other end sees them the other way round."""
    counters = Path("/sys/class/net", interface, "statistics")
    try:
        return int((counters / "tx_bytes").read_text()), int((counters / "rx_bytes").read_text())
    except (OSError, ValueError):
        return 0, 0


def _of_processes(root: int) -> tuple[float, int]:
    children, fields = defaultdict(list), {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal() and (found := _fields(int(entry.name))):
            children[int(found[_PARENT])].append(int(entry.name))
            fields[int(entry.name)] = found
    family, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        waiting += children[pid]
        family += [fields[pid]] if pid in fields else []
    seconds = sum(int(each[_USER]) + int(each[_SYSTEM]) for each in family) / _TICKS
    return seconds, sum(int(each[_PAGES]) for each in family) * _PAGE


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
