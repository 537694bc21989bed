"""What the machine itself uses, processors and memory, and what of it apps may be given."""

import os
from pathlib import Path

from minispaces_runner.admission import Capacity, capacity_of
from minispaces_runner.settings import RunnerSettings

_MIB = 1 << 20
_IDLE, _WAITING = 3, 4


def busy_seconds() -> float:
    """Of all processors together, since the machine started."""
    fields = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[_IDLE] - fields[_WAITING]) / os.sysconf("SC_CLK_TCK")


def memory() -> tuple[int, int]:
    """Bytes that are not available, and all there are."""
    rows = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    total, available = (int(rows[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    return total - available, total


def capacity(settings: RunnerSettings, *, gpus: int | None) -> Capacity:
    """What apps may be given of it."""
    factors = (settings.memory_overcommit, settings.cpu_overcommit)
    whole = capacity_of(memory()[1] / _MIB, os.cpu_count() or 1, gpus, factors=factors)
    return Capacity(whole, settings.frozen_share, settings.paged_out_share)
