"""The GPUs of this machine, through NVIDIA's own library. Without it, its driver or a GPU there are none."""

from dataclasses import dataclass

import pynvml
from pynvml import NVMLError

from minispaces_contract.usage import GpuUsage

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Gpu:
    """`id` is the same after a restart, and what CUDA and Docker know it by."""

    id: str
    usage: GpuUsage

    @property
    def free(self) -> int:
        return self.usage.memory_total - self.usage.memory


def find_gpus() -> tuple[Gpu, ...]:
    """Blocks for a moment. A GPU that does not answer is left out."""
    try:
        pynvml.nvmlInit()
    except NVMLError:
        return ()
    try:
        return tuple(gpu for index in range(pynvml.nvmlDeviceGetCount()) if (gpu := _read(index)) is not None)
    except NVMLError:
        return ()
    finally:
        pynvml.nvmlShutdown()


def fits(gpu: Gpu, model: str) -> bool:
    """`model` is what an admin wrote: `T4` is in `Tesla T4`."""
    return model.casefold() in gpu.usage.name.casefold()


def _read(index: int) -> Gpu | None:
    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        name, uuid = pynvml.nvmlDeviceGetName(handle), pynvml.nvmlDeviceGetUUID(handle)
    except NVMLError:
        return None
    try:
        busy = pynvml.nvmlDeviceGetUtilizationRates(handle).gpu / _WHOLE
    except NVMLError:  # a part of a GPU does not say
        busy = 0.0
    usage = GpuUsage(index=index, name=name[:60], busy=busy, memory=memory.used, memory_total=memory.total)
    return Gpu(uuid, usage)
