"""What the machine itself uses: processors, memory, disk, and NVIDIA's GPUs where there are any."""

import csv
import os
import shutil
import subprocess
from pathlib import Path

from minispaces_contract.usage import GpuUsage
from minispaces_runner.admission import Capacity, capacity_of
from minispaces_runner.settings import RunnerSettings

_QUERY = "index,name,utilization.gpu,memory.used,memory.total"
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


def capacity(settings: RunnerSettings) -> Capacity:
    """What apps may be given of it."""
    factors = (settings.memory_overcommit, settings.cpu_overcommit)
    whole = capacity_of(memory()[1] / _MIB, os.cpu_count() or 1, None, factors=factors)
    return Capacity(whole, settings.frozen_share, settings.paged_out_share)


def gpus() -> tuple[GpuUsage, ...]:
    """Blocks for a moment."""
    if (program := shutil.which("nvidia-smi")) is None:
        return ()
    argv = [program, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(argv, capture_output=True, text=True, timeout=5, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return read_gpus(said)


def read_gpus(said: str) -> tuple[GpuUsage, ...]:
    """nvidia-smi's table; what it does not know of a GPU (`[N/A]`) counts as nothing."""
    found = []
    for row in csv.reader(said.splitlines(), skipinitialspace=True):
        match row:
            case [index, name, busy, used, total] if index.isdecimal():
                found.append(
                    GpuUsage(
                        index=int(index), name=name[:60], busy=_number(busy) / 100,
                        memory=_number(used) * _MIB, memory_total=_number(total) * _MIB,
                    )
                )  # fmt: skip
    return tuple(found)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
