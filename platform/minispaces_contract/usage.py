"""What the runner measures of apps and of their machine, and the samples that people flagged in apps.

A report is the newest truth and no order: one that is lost is followed by the next.
"""

from datetime import datetime

from pydantic import Field

from minispaces_contract.messages import Message


class AppUsage(Message):
    """Of one instance. `cpus` is how many it kept busy since the report before; `sent` and `received` are bytes since
    then, 0 where nobody counts them.
    """

    deployment_id: str
    space_id: str
    cpus: float = 0
    memory: int = Field(default=0, description="bytes, without what the kernel could take back at once")
    memory_limit: int = 0
    disk: int = Field(default=0, description="bytes that the instance wrote for itself")
    sent: int = 0
    received: int = 0


class GpuUsage(Message):
    """Memory in bytes, `busy` from 0 to 1."""

    index: int
    name: str
    busy: float
    memory: int
    memory_total: int


class StorageUsage(Message):
    """Of one volume, in bytes. `size` is what the machine keeps it to; 0 where it keeps nothing."""

    id: str
    used: int = 0
    size: int = 0


class MachineUsage(Message):
    """`cpus` are busy of `processors`; memory and disk in bytes."""

    processors: int = 1
    cpus: float = 0
    memory: int = 0
    memory_total: int = 0
    disk: int = 0
    disk_total: int = 0
    engine: str = ""
    isolation: str = ""
    proxy: bool = True
    gpus: tuple[GpuUsage, ...] = ()


class SpaceGpu(Message):
    """A Space's leases of shared GPUs. `seconds` are those since the runner began, the running ones included.

    `position` and `wait_seconds` are of its first call that waits.
    """

    space_id: str
    seconds: float = 0
    holding: int = 0
    waiting: int = 0
    position: int | None = None
    wait_seconds: float | None = None


class UsageReport(Message):
    """Up, every few seconds: every instance that runs. What is not in it uses nothing."""

    at: datetime
    seconds: float = Field(description="since the report before")
    machine: MachineUsage
    apps: tuple[AppUsage, ...] = ()
    gpu_epoch: str = Field(default="", description="when the runner began, in a word: its GPU seconds count from there")
    gpu: tuple[SpaceGpu, ...] = ()
    storages: tuple[StorageUsage, ...] | None = Field(default=None, description="None: not counted this time")


class FlaggedRow(Message):
    """A sample as Gradio wrote it: column names, and what stood in them."""

    fields: tuple[tuple[str, str], ...]


class FlaggedReport(Message):
    """Up: what was flagged in an app. What arrived before may arrive again."""

    deployment_id: str
    rows: tuple[FlaggedRow, ...]
