"""What the dashboard shows of the machine and of what runs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from minispaces_platform.admin.health import Finding
from minispaces_platform.admin.overview import BuildNow, Counts
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.usage import MachineNow, SpaceUsage
from minispaces_platform.usage.charts import Chart, cpu_chart, memory_chart, traffic_chart
from minispaces_platform.usage.queries import Order, is_fresh
from minispaces_platform.wording import memory, size

_LOUD = 0.9
_WATCHED = 0.7


@dataclass(frozen=True, slots=True)
class Gauge:
    """One of the machine's figures: `share` from 0 to 100, None where there is no whole."""

    name: str
    value: str
    of: str
    share: int | None
    tone: str
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class MachineView:
    gauges: tuple[Gauge, ...]
    at: datetime
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class UsageRow:
    space_id: str
    full_name: str
    title: str
    emoji: str
    cpus: str
    memory: str
    memory_share: int
    memory_tone: str
    limit: str
    disk: str
    traffic: str
    gpus: int
    hardware: str
    memory_chart: Chart
    cpu_chart: Chart


@dataclass(frozen=True, slots=True)
class OverviewView:
    counts: Counts
    machine: MachineView | None
    rows: tuple[UsageRow, ...]
    builds: tuple[BuildNow, ...]


@dataclass(frozen=True, slots=True)
class RunningView:
    rows: tuple[UsageRow, ...]
    order: Order
    search: str
    page: int
    has_more: bool
    machine: MachineView | None
    done: str


@dataclass(frozen=True, slots=True)
class HealthView:
    findings: tuple[Finding, ...]
    builds: tuple[BuildNow, ...]

    @property
    def is_well(self) -> bool:
        return all(each.tone != "bad" for each in self.findings)


def machine_view(machine: MachineNow | None) -> MachineView | None:
    if machine is None:
        return None
    used, history = machine.usage, machine.history
    gauges = [
        _gauge("CPU", f"{used.cpus:.1f}", f"{used.processors} processors", used.cpus, used.processors,
               cpu_chart(history, processors=used.processors)),
        _gauge("Memory", memory(used.memory), memory(used.memory_total), used.memory, used.memory_total,
               memory_chart(history, limit=used.memory_total)),
        _gauge("Disk", size(used.disk), size(used.disk_total), used.disk, used.disk_total, None),
        *(
            _gauge(f"GPU {gpu.index}", memory(gpu.memory), f"{memory(gpu.memory_total)}, {gpu.busy:.0%} busy",
                   gpu.memory, gpu.memory_total, None)
            for gpu in used.gpus
        ),
    ]  # fmt: skip
    latest = history.points[-1] if history.points else None
    rate = f"{size(latest.traffic // 60)}/s" if latest else "0 B/s"
    gauges.insert(2, Gauge("Traffic of apps", rate, "in and out", None, "good", traffic_chart(history)))
    return MachineView(tuple(gauges), machine.at, is_fresh(machine))


def usage_rows(found: Sequence[tuple[Space, SpaceUsage]]) -> tuple[UsageRow, ...]:
    return tuple(_row(space, usage) for space, usage in found)


def _row(space: Space, usage: SpaceUsage) -> UsageRow:
    share = usage.memory / usage.memory_limit if usage.memory_limit else 0
    return UsageRow(
        space_id=space.id,
        full_name=space.full_name,
        title=space.card.title or space.name,
        emoji=space.card.emoji,
        cpus=f"{usage.cpus:.2f}",
        memory=memory(usage.memory),
        memory_share=min(100, round(share * 100)),
        memory_tone=_tone(share),
        limit=memory(usage.memory_limit) if usage.memory_limit else "",
        disk=size(usage.disk),
        traffic=f"{size(int(usage.traffic))}/s",
        gpus=space.hardware.gpus,
        hardware=space.hardware.name,
        memory_chart=memory_chart(usage.history, limit=usage.memory_limit),
        cpu_chart=cpu_chart(usage.history),
    )


def _gauge(name: str, value: str, of: str, used: float, total: float, chart: Chart | None) -> Gauge:  # noqa: PLR0917
    share = used / total if total else 0
    return Gauge(name, value, of, min(100, round(share * 100)), _tone(share), chart)


def _tone(share: float) -> str:
    return "bad" if share >= _LOUD else "busy" if share >= _WATCHED else "good"
