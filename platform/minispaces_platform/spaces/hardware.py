"""The flavours that an installation offers, by the Hub's names where it has them, and which one a Space has."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from minispaces_contract.messages import Hardware
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.builds import service as builds
from minispaces_platform.deployments import service as deployments
from minispaces_platform.errors import InvalidError
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts

FLAVOURS = {
    hardware.name: hardware
    for hardware in (
        Hardware(name="cpu-basic", cpus=2, memory_mb=4096),
        Hardware(name="cpu-upgrade", cpus=8, memory_mb=32 * 1024),
        Hardware(name="t4-small", cpus=4, memory_mb=15 * 1024, gpus=1),
        Hardware(name="a10g-small", cpus=4, memory_mb=15 * 1024, gpus=1),
        Hardware(name="a100-large", cpus=12, memory_mb=142 * 1024, gpus=1),
    )
}


def get_flavour(name: str) -> Hardware:
    if hardware := FLAVOURS.get(name):
        return hardware
    raise InvalidError(f"There is no hardware {name!r}.", hint=f"Choose one of {', '.join(FLAVOURS)}.")


@dataclass(frozen=True, slots=True)
class HardwareWords:
    value: str
    sentence: str


def words_of_flavours() -> tuple[HardwareWords, ...]:
    return tuple(HardwareWords(name, _sentence(hardware)) for name, hardware in FLAVOURS.items())


def _sentence(hardware: Hardware) -> str:
    gpu = f", {hardware.gpus} GPU" if hardware.gpus else ""
    return f"{hardware.cpus:g} CPUs, {hardware.memory_mb // 1024} GB memory{gpu}"


def set_hardware(session: Session, actor: Actor, space: Space, *, hardware: Hardware) -> None:
    """Holds from the next start on."""
    audit.record(session, actor, "space.hardware", space, before=space.hardware.name, after=hardware.name)
    space.hardware = hardware


def change_hardware(session: Session, parts: Parts, actor: Actor, space: Space, *, hardware: Hardware) -> None:
    """And restart the app; with or without GPUs it needs another base image, and so another build."""
    if hardware == space.hardware:
        return
    rebuild = bool(hardware.gpus) is not bool(space.hardware.gpus)
    set_hardware(session, actor, space, hardware=hardware)
    session.flush()
    if rebuild:
        builds.build_again(session, parts, space)
    else:
        deployments.restart_if_wanted(session, parts, space)
