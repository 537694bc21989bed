"""What the machine itself uses, processors and memory, and what of it apps may be given."""

import os
import re
from pathlib import Path

from minispaces_runner.admission import Capacity, capacity_of
from minispaces_runner.settings import RunnerSettings

_MIB = 1 << 20
_IDLE, _WAITING = 3, 4
_MEMINFO_ROW = re.compile(r"^(\w+):\s+(\d+) kB$", re.MULTILINE)


def busy_seconds() -> float:
    """Of all processors together, since the machine started."""
    fields = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[_IDLE] - fields[_WAITING]) / os.sysconf("SC_CLK_TCK")


def memory() -> tuple[int, int]:
    """Bytes that are not available, and all there are."""
    rows = parse_meminfo(Path("/proc/meminfo").read_text())
    return rows["MemTotal"] - rows["MemAvailable"], rows["MemTotal"]


def parse_meminfo(text: str) -> dict[str, int]:
    """Bytes, by the kernel's names."""
    return {name: int(amount) * 1024 for name, amount in _MEMINFO_ROW.findall(text)}


def capacity(settings: RunnerSettings, *, gpus: int | None) -> Capacity:
    """What apps may be given of it."""
    factors = (settings.memory_overcommit, settings.cpu_overcommit)
    whole = capacity_of(memory()[1] / _MIB, os.cpu_count() or 1, gpus, factors=factors)
    return Capacity(whole, settings.frozen_share, settings.paged_out_share)
