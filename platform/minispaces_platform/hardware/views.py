"""How hardware reads on pages. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from minispaces_contract.messages import Hardware
from minispaces_platform.forms import FormProblem
from minispaces_platform.hardware.queries import FlavourNow, RuleNow
from minispaces_platform.models.hardware import Flavour

_GIB = 1024


@dataclass(frozen=True, slots=True)
class HardwareWords:
    value: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FlavourRow:
    words: HardwareWords
    spaces: int
    is_open: bool
    is_retired: bool


@dataclass(frozen=True, slots=True)
class FlavourForm:
    """What stands in the form's fields, as it was typed."""

    flavour: str = ""
    label: str = ""
    cpus: str = "2"
    memory_gb: str = "4"
    gpus: str = "0"
    gpu_model: str = ""
    disk_gb: str = ""
    is_shared: bool = False
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class FlavoursView:
    flavours: tuple[FlavourRow, ...]
    offered: tuple[HardwareWords, ...]
    rules: tuple[RuleNow, ...]
    form: FlavourForm
    is_known: bool
    """Whether the form is for a flavour that there is already."""
    owner: str
    problem: FormProblem
    done: str


def words_of_flavours(flavours: Iterable[Flavour]) -> tuple[HardwareWords, ...]:
    return tuple(words_of(each) for each in flavours)


def words_for_space(has: Hardware, offered: Iterable[Flavour]) -> tuple[HardwareWords, ...]:
    """What its owner may choose, and what it has in any case: a retired flavour is kept."""
    words = words_of_flavours(offered)
    known = has.name in {each.value for each in words}
    return words if known else (HardwareWords(has.name, has.name, sentence_of(has)), *words)


def current_words(requested: Hardware, current: Hardware | None) -> str:
    """Empty where the app has what was asked for, or does not run."""
    if current is None or current == requested:
        return ""
    return f"{current.name} · {sentence_of(current)}"


def words_of(flavour: Flavour) -> HardwareWords:
    return HardwareWords(flavour.name, flavour.label, sentence_of(flavour.hardware))


def rows_of(found: Iterable[FlavourNow]) -> tuple[FlavourRow, ...]:
    return tuple(
        FlavourRow(words_of(each.flavour), each.spaces, each.flavour.is_open, each.flavour.retired_at is not None)
        for each in found
    )


def sentence_of(hardware: Hardware) -> str:
    """`4 CPUs, 15 GB memory, 1 shared T4`."""
    cpus = f"{hardware.cpus:g} CPU{'' if hardware.cpus == 1 else 's'}"
    parts = [cpus, f"{_gigabytes(hardware.memory_mb)} memory"]
    if hardware.gpus:
        model = hardware.gpu_model or f"GPU{'' if hardware.gpus == 1 else 's'}"
        parts.append(f"{hardware.gpus} {'shared ' if hardware.gpu_shared else ''}{model}")
    if hardware.disk_mb:
        parts.append(f"{_gigabytes(hardware.disk_mb)} disk")
    return ", ".join(parts)


def form_of(flavour: Flavour) -> FlavourForm:
    it = flavour.hardware
    return FlavourForm(
        flavour=flavour.name, label=flavour.label, cpus=f"{it.cpus:g}", memory_gb=f"{it.memory_mb / _GIB:g}",
        gpus=str(it.gpus), gpu_model=it.gpu_model, disk_gb=f"{it.disk_mb / _GIB:g}" if it.disk_mb else "",
        is_shared=it.gpu_shared, is_open=flavour.is_open,
    )  # fmt: skip


def _gigabytes(megabytes: int) -> str:
    return f"{megabytes / _GIB:.3g} GB" if megabytes >= _GIB else f"{megabytes} MB"
