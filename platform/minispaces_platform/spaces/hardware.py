"""The flavours that an installation offers. Names and sizes are the Hub's where it has them."""

from minispaces_contract.messages import Hardware
from minispaces_platform.errors import InvalidError

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
