"""Which GPUs a starting app gets to see, and through which door it takes turns at a shared one."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from minispaces_contract.messages import DeploymentSpec
from minispaces_runner.engine import EngineError
from minispaces_runner.gpu.devices import Gpu, find_gpus, fits

DOOR_PLACE = "/run/minispaces-gpu"
PACKAGES_PLACE = "/opt/minispaces-gpu"
_DOOR, _ASKS = "door.sock", "asks-itself"
_PACKAGES = Path(__file__).parent / "for_apps"
_CONTROL = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset")


@dataclass(frozen=True, slots=True)
class Seat:
    """`gpus` are their ids; `indexes` their numbers in /dev. `shown` is what an app sees besides: where, and what."""

    gpus: tuple[str, ...]
    indexes: tuple[int, ...]
    shown: Mapping[str, Path] = field(default_factory=dict)

    @property
    def devices(self) -> tuple[str, ...]:
        return (*_CONTROL, *(f"/dev/nvidia{index}" for index in self.indexes))

    def environment(self, own: Mapping[str, str]) -> dict[str, str]:
        """Our packages come before the app's own, so that `import spaces` finds the one that takes leases."""
        visible = {"CUDA_VISIBLE_DEVICES": ",".join(self.gpus)}
        if not self.shown:
            return visible
        path = ":".join(filter(None, (PACKAGES_PLACE, own.get("PYTHONPATH"))))
        return visible | {"PYTHONPATH": path, "MINISPACES_GPU_DOOR": f"{DOOR_PLACE}/{_DOOR}"}


@dataclass(frozen=True, slots=True)
class Taken:
    """Whom a GPU was given to at their start."""

    gpus: tuple[str, ...]
    shared: bool


def choose(gpus: Sequence[Gpu], taken: Collection[Taken], spec: DeploymentSpec) -> tuple[Gpu, ...] | None:
    """Exclusive: GPUs that nobody has. Shared: the one that the fewest share. None where there are none left."""
    wanted = spec.hardware
    fitting = [gpu for gpu in gpus if fits(gpu, wanted.gpu_model)]
    whole = {gpu for each in taken if not each.shared for gpu in each.gpus}
    sharing = Counter(gpu for each in taken if each.shared for gpu in each.gpus)
    left = [gpu for gpu in fitting if gpu.id not in whole and (wanted.gpu_shared or not sharing[gpu.id])]
    left.sort(key=lambda gpu: (sharing[gpu.id], gpu.usage.index))
    return tuple(left[: wanted.gpus]) if len(left) >= wanted.gpus else None


class Seats:
    """Remembered in a file, as apps outlive the runner."""

    def __init__(self, folder: Path, *, find: Callable[[], tuple[Gpu, ...]] = find_gpus) -> None:
        self._folder = folder
        self._file = folder / "seats.json"
        self.gpus = find()
        self._taken = _read(self._file)

    def take(self, spec: DeploymentSpec) -> Seat | None:
        """None where its hardware has no GPU, or where GPUs are somebody else's to count. Raises EngineError."""
        if not spec.hardware.gpus or not self.gpus:
            return None
        others = [each for name, each in self._taken.items() if name != spec.id]
        chosen = choose(self.gpus, others, spec)
        if chosen is None:
            raise EngineError(self._words(spec))
        seat = Taken(tuple(gpu.id for gpu in chosen), spec.hardware.gpu_shared)
        self._note({**self._taken, spec.id: seat})
        shown = self._lay_out(spec.id) if spec.hardware.gpu_shared else {}
        return Seat(seat.gpus, tuple(gpu.usage.index for gpu in chosen), shown)

    def keep(self, deployment_ids: Collection[str]) -> None:
        """Everybody else has left."""
        if gone := self._taken.keys() - set(deployment_ids):
            self._note({name: each for name, each in self._taken.items() if name not in gone})

    @property
    def room(self) -> int | None:
        """How many GPUs can be had whole, by one or another; None where nobody counts them."""
        shared = {gpu for each in self._taken.values() if each.shared for gpu in each.gpus}
        return len(self.gpus) - len(shared) if self.gpus else None

    def of(self, deployment_id: str) -> tuple[str, ...]:
        taken = self._taken.get(deployment_id)
        return taken.gpus if taken else ()

    def door_of(self, deployment_id: str) -> Path:
        return self._folder / "doors" / deployment_id / _DOOR

    def asks_itself(self, deployment_id: str) -> bool:
        """Whether it has ever asked at its door: then its requests are not its turns."""
        return self._mark_of(deployment_id).exists()

    def note_that_it_asks(self, deployment_id: str) -> None:
        self._mark_of(deployment_id).touch()

    def _mark_of(self, deployment_id: str) -> Path:
        return self.door_of(deployment_id).with_name(_ASKS)

    def _lay_out(self, deployment_id: str) -> dict[str, Path]:
        packages, door = self._folder / "packages", self.door_of(deployment_id).parent
        shutil.copytree(_PACKAGES, packages, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        door.mkdir(parents=True, exist_ok=True)
        return {PACKAGES_PLACE: packages, DOOR_PLACE: door}

    def _note(self, taken: Mapping[str, Taken]) -> None:
        self._taken = dict(taken)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps({name: asdict(each) for name, each in taken.items()}))

    def _words(self, spec: DeploymentSpec) -> str:
        model = spec.hardware.gpu_model
        if not [gpu for gpu in self.gpus if fits(gpu, model)]:
            there = ", ".join(sorted({gpu.usage.name for gpu in self.gpus}))
            return f"This machine has no GPU {model!r}, but {there}; choose other hardware."
        return "All GPUs of this machine are in use; the app starts when one is free, or on other hardware."


def take_seat(seats: Seats, spec: DeploymentSpec) -> Seat | None:
    """For an engine that gives out GPUs itself. Raises EngineError where there are none."""
    seat = seats.take(spec)
    if seat is None and spec.hardware.gpus:
        raise EngineError("This machine has no GPU that its driver knows of; choose CPU hardware.")
    return seat


def _read(file: Path) -> dict[str, Taken]:
    try:
        known = json.loads(file.read_text())
        return {name: Taken(tuple(each["gpus"]), bool(each["shared"])) for name, each in known.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
